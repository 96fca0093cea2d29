using System.Text.Json.Nodes;
using Governance.Cli.Tests.Running;
using Governance.Issuance;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Cli.Tests;

/// <summary>An operator at a terminal, against a real Lifecycle and a real Issuance.</summary>
[NonParallelizable]
public sealed class When_a_target_needs_an_operator
{
    private const string Kim = "kim@example.com";
    private World _world = null!;

    [OneTimeSetUp]
    public async Task EnterAsync() => _world = await World.CreateAsync();

    [OneTimeTearDown]
    public async Task LeaveAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_accept_who_answers_there_now_and_record_it()
    {
        var database = await SuiteServers.Current.CreateDatabaseAsync("governance_issuance");
        await using var first = await TargetDatabase.CreateAsync();
        await using var second = await TargetDatabase.CreateAsync();
        await using var before = await IssuanceAsync(database, first);
        await Eventually.Until(async () => (await ListAsync(before)).Output, Does.Match("postgresql:[0-9]+/"));
        Assert.That((await ListAsync(before)).ExitCode, Is.EqualTo(ExitCodes.Success));
        var nothing = await AcceptAsync(before, "--reason", "just so");
        Assert.That(nothing.ExitCode, Is.EqualTo(ExitCodes.Failure));
        Assert.That(nothing.Error, Does.Contain("nothing to accept"));
        await before.StopAsync();

        await using var issuance = await IssuanceAsync(database, second);
        await Eventually.Until(async () => (await ListAsync(issuance)).ExitCode, Is.EqualTo(ExitCodes.Failure), TimeSpan.FromSeconds(60));
        Assert.That((await ListAsync(issuance)).Lines, Has.Some.Contains("another one answers: postgresql:"));
        Assert.That((await AcceptAsync(issuance)).ExitCode, Is.EqualTo(ExitCodes.Usage), "no reason");
        Assert.That(
            (await AcceptAsync(issuance, "--reason", "restored", "--identity", "postgresql:1/x")).ExitCode,
            Is.EqualTo(ExitCodes.Failure),
            "another one than the operator expects"
        );

        var accepted = await AcceptAsync(issuance, "--reason", "INC0042: restored from the backup");

        Assert.That(accepted.ExitCode, Is.EqualTo(ExitCodes.Success), accepted.ToString());
        await Eventually.Until(async () => (await ListAsync(issuance)).ExitCode, Is.EqualTo(ExitCodes.Success), TimeSpan.FromSeconds(60));
        await using var command = _world.Events.CreateCommand(
            "select data::text from lifecycle.mt_events where type = 'target-accepted.v1'"
        );
        var recorded = JsonNode.Parse((string)(await command.ExecuteScalarAsync())!)!;
        Assert.That((string?)recorded["target"], Is.EqualTo("orders-db"));
        Assert.That((string?)recorded["identity"], Does.StartWith("postgresql:"));
        Assert.That((string?)recorded["actor"]!["kind"], Is.EqualTo("human"));
        Assert.That(recorded.ToJsonString(), Does.Not.Contain("INC0042"), "what people write is kept beside the event");
    }

    [Test]
    public async Task Should_say_that_a_target_does_not_answer_and_since_when()
    {
        await using var target = await TargetDatabase.CreateAsync();
        await using var proxy = FaultProxy.Start(target.Port);
        var database = await SuiteServers.Current.CreateDatabaseAsync("governance_issuance");
        await using var issuance = await IssuanceAsync(database, target.Through(proxy));
        await Eventually.Until(async () => (await ListAsync(issuance)).Output, Does.Contain("access is given"));

        proxy.Refuse();

        await Eventually.Until(async () => (await ListAsync(issuance)).ExitCode, Is.EqualTo(ExitCodes.Failure), TimeSpan.FromSeconds(60));
        Assert.That((await ListAsync(issuance)).Output, Does.Match("it did not answer at 20[0-9-]+T").And.Not.Contain("access is given"));
        await Eventually.Until(
            async () => (await ListAsync(issuance)).Output,
            Does.Match("it did not answer at 20[^ ]+, nor before since 20[^ ]+: "),
            TimeSpan.FromSeconds(60)
        );

        proxy.Heal();
        await Eventually.Until(async () => (await ListAsync(issuance)).ExitCode, Is.EqualTo(ExitCodes.Success), TimeSpan.FromSeconds(60));
    }

    [Test]
    public async Task Should_have_tried_now_what_waits()
    {
        var run = await RunAsync("grants", "retry", _world.Active.ToString(), "--as", Kim);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        await Eventually.Until(
            () => Task.FromResult(_world.Peers.Retries.ToList()),
            all => all.Any(one => one is { Target: null, Entitlement: "orders-db/readonly", Principal: { Length: > 0 } }),
            TimeSpan.FromSeconds(60)
        );

        run = await RunAsync("grants", "retry", "--target", "orders-db", "--as", Kim);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        await Eventually.Until(
            () => Task.FromResult(_world.Peers.Retries.ToList()),
            all => all.Any(one => one is { Target: "orders-db", Entitlement: null, Principal: null }),
            TimeSpan.FromSeconds(60)
        );
    }

    [TestCase(1, "retry", "--target", "nowhere", "--as", Kim)]
    [TestCase(1, "retry", "0198a1b2-0000-7000-8000-000000000001", "--as", Kim)]
    [TestCase(2, "retry", "--as", Kim)]
    [TestCase(2, "retry", "0198a1b2-0000-7000-8000-000000000001", "--target", "orders-db", "--as", Kim)]
    [TestCase(2, "retry", "--target", "orders-db")]
    [TestCase(2, "retry", "--target", "orders-db", "--as", "svc-reporting")]
    public async Task Should_say_what_can_not_be_tried(int exitCode, params string[] arguments)
    {
        var run = await RunAsync(["grants", .. arguments]);
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.ToString());
        Assert.That(run.Error, Is.Not.Empty);
    }

    private static async Task<Issuer> StartAsync(WebApplication app)
    {
        await app.StartAsync();
        return new Issuer(app, app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    private Task<Issuer> IssuanceAsync(string database, TargetDatabase target) => IssuanceAsync(database, target.ConnectionString);

    private Task<Issuer> IssuanceAsync(string database, string target) =>
        StartAsync(
            IssuanceService.Build([
                "--ConnectionStrings:Database=" + database,
                "--Bus:Url=" + _world.BusUrl,
                "--Kestrel:Endpoints:Http:Url=http://127.0.0.1:0",
                "--Issuance:LifecycleSecret=" + new string('s', 32),
                "--Issuance:PreflightInterval=00:00:01",
                "--Issuance:Targets:0:Id=orders-db",
                "--Issuance:Targets:0:Kind=postgresql",
                "--Issuance:Targets:0:ConnectionString=" + target,
            ])
        );

    private static Task<Run> ListAsync(Issuer issuance) => CommandLine.RunAsync("targets", "list", "--issuance", issuance.Url);

    private Task<Run> AcceptAsync(Issuer issuance, params string[] more) =>
        RunAsync(["targets", "accept", "orders-db", "--as", Kim, "--issuance", issuance.Url, .. more]);

    private Task<Run> RunAsync(params string[] arguments) => CommandLine.RunAsync([.. arguments, "--lifecycle", _world.Lifecycle.Url]);
}
