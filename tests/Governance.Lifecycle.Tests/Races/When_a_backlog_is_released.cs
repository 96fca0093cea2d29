using System.Diagnostics;
using System.Globalization;
using System.Text;
using Governance.Catalog;
using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Messaging;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Races;

/// <summary>
/// Requests of few owners, for much that does not conflict, all waiting when two replicas start: nearly every permit changes what the others
/// of its owner are decided on. <c>GOVERNANCE_TEST_BACKLOG=2000</c> releases more.
/// </summary>
public sealed class When_a_backlog_is_released
{
    private const int Owners = 6;
    private const int Entitlements = 20;
    private static readonly int Count = int.TryParse(
        Environment.GetEnvironmentVariable("GOVERNANCE_TEST_BACKLOG"),
        CultureInfo.InvariantCulture,
        out var count
    )
        ? count
        : 240;
    private World _world = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        WriteCatalog();
        await Eventually.Until(
            () => _world.ScalarAsync<string>("select data ->> 'catalog' from lifecycle.mt_doc_inforce"),
            Is.EqualTo(CatalogLoader.Load(_world.Catalog).Digest),
            TimeSpan.FromSeconds(60)
        );
        await _world.SweptAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_permit_all_of_it()
    {
        var requests = Enumerable.Range(0, Count).Select(Of).ToList();
        var random = new Random(13);
        _world.Peers.Rule = command => command is EvaluateAccess question ? PermitAsync(question, random) : Task.CompletedTask;
        await _world.Service.DisposeAsync();
        await Task.WhenAll(requests.Select(r => _world.Peers.Bus.PublishMandatoryAsync(r, Guid.NewGuid())));
        var started = Stopwatch.GetTimestamp();
        await using var second = await Service.StartAsync(_world.Database, _world.BusUrl, _world.Catalog, _world.Clock);
        await _world.StartServiceAsync();

        await Eventually.Until(
            () => CountAsync("data ->> 'currentState' <> 'Evaluating'", requests),
            Is.EqualTo(requests.Count),
            TimeSpan.FromMinutes(10)
        );

        var took = Stopwatch.GetElapsedTime(started);
        var asked = await _world.ScalarAsync<long>(
            "select count(*) from lifecycle.mt_events where stream_id = any($1) and type = 'evaluation-started.v1'",
            requests.Select(r => r.GrantId).ToArray()
        );
        await TestContext.Out.WriteLineAsync(
            $"{requests.Count} requests of {Owners} owners in {took.TotalSeconds:F1} s, {asked} evaluations ({(double)asked / requests.Count:F2} a request)"
        );
        Assert.That(await CountAsync("data ->> 'currentState' = 'Denied'", requests), Is.Zero, "denied");
        Assert.That(await CountAsync("data ->> 'currentState' = 'Activating'", requests), Is.EqualTo(requests.Count));
        Assert.That(await _world.ScalarAsync<long>("select count(*) from lifecycle.mt_doc_turn"), Is.Zero, "nobody is left in a line");
    }

    private static AccessRequested Of(int number)
    {
        var owner = number % Owners;
        var turn = number / Owners;
        var actor = new Actor(Human(owner), Name(owner), Identity(owner, turn), Identity(owner, turn));
        return Requests.Of(actor, Entitlement(turn % Entitlements));
    }

    private async Task PermitAsync(EvaluateAccess question, Random random)
    {
        int late;
        lock (random)
        {
            late = random.Next(20);
        }

        await Task.Delay(late);
        await _world.Peers.Bus.PublishMandatoryAsync(Answers.Of(question, Outcome.Permit), Guid.NewGuid());
    }

    private Task<long> CountAsync(string condition, List<AccessRequested> requests) =>
        _world.ScalarAsync<long>(
            $"select count(*) from lifecycle.mt_doc_grant where id = any($1) and {condition}",
            requests.Select(r => r.GrantId).ToArray()
        );

    private void WriteCatalog()
    {
        var yaml = new StringBuilder(
            "targets:\n  - { id: backlog-db, kind: postgresql, environment: production, tier: 3 }\nentitlements:\n"
        );
        for (var i = 0; i < Entitlements; i++)
        {
            yaml.AppendLine(
                CultureInfo.InvariantCulture,
                $"  - {{ id: {Entitlement(i)}, target: backlog-db, risk: low, maxDuration: PT8H, owner: dana@example.com, privilege: role_{i}, privileges: [read] }}"
            );
        }

        yaml.AppendLine("people:");
        for (var owner = 0; owner < Owners; owner++)
        {
            yaml.AppendLine(CultureInfo.InvariantCulture, $"  - {{ id: {Human(owner)}, name: {Name(owner)} }}");
        }

        yaml.AppendLine("principals:");
        for (var number = 0; number < Count; number++)
        {
            var (owner, id) = (number % Owners, Identity(number % Owners, number / Owners));
            yaml.AppendLine(
                CultureInfo.InvariantCulture,
                $"  - {{ id: {id}, kind: service-account, owner: {Name(owner)}, accounts: {{ backlog-db: {id} }} }}"
            );
        }

        var path = Path.Combine(_world.Catalog, "backlog.yaml");
        File.WriteAllText(path + ".new", yaml.ToString());
        File.Move(path + ".new", path);
    }

    private static string Human(int owner) => "p-backlog" + owner.ToString(CultureInfo.InvariantCulture);

    private static string Name(int owner) => $"backlog-{owner.ToString(CultureInfo.InvariantCulture)}@example.com";

    private static string Identity(int owner, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"svc-backlog-{owner}-{number:D4}");

    private static string Entitlement(int number) => "backlog-db/role-" + number.ToString(CultureInfo.InvariantCulture);
}
