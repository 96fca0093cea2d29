using Governance.Cli.Tests.Running;
using Governance.Testing;

namespace Governance.Cli.Tests;

/// <summary>Somebody on call, or their scheduled job, against a real Lifecycle.</summary>
[NonParallelizable]
public sealed class When_objectives_are_looked_at
{
    private const string Kim = "kim@example.com";
    private World _world = null!;

    /// <summary>Objectives that a busy machine meets too, but for one that none does.</summary>
    [OneTimeSetUp]
    public async Task EnterAsync() =>
        _world = await World.CreateAsync(
            "Lifecycle:SloDecisionToEffective=00:10:00",
            "Lifecycle:SloRevokeToGone=00:10:00",
            "Lifecycle:SloSuspendToGone=00:00:00.001"
        );

    [OneTimeTearDown]
    public async Task LeaveAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_be_content_until_something_is_not_gone_in_time()
    {
        await ContentAsync();
        await WaitingAsync();
        await MissedAsync();
    }

    [TestCase("24h")]
    [TestCase("P1M")]
    public async Task Should_say_how_a_window_is_given(string since)
    {
        var run = await SloAsync("--since", since);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.Contain($"since: '{since}'").And.Contain("PT24H"));
    }

    private async Task ContentAsync()
    {
        var grant = await _world.RequestAsync("svc-reporting", "orders-db/readonly", "active");
        await CommandAsync(grant, "revoke", "ended");

        var (table, text, json) = (await SloAsync(), await SloAsync("-o", "text"), await SloAsync("--since", "P7D", "-o", "json"));

        Assert.That((table.ExitCode, text.ExitCode, json.ExitCode), Is.EqualTo((0, 0, 0)), table.ToString());
        Assert.That(table.Lines, Has.Some.Contains("revoke-to-gone").And.Contains(" met ").And.Contains("600.000"));
        Assert.That(table.Lines, Has.Some.Contains("expiry-to-gone").And.Contains("2.000").And.Contains(" - "), "none has expired");
        Assert.That(
            text.Lines,
            Has.Some.Match("^revoke-to-gone: met; p99 [0-9]+[.][0-9]{3} s of 600[.]000 s, .*; 0 of [1-9][0-9]* missed it$")
        );
        Assert.That((bool)json.Json["met"]!, Is.True);
        var revoke = json.Json["objectives"]!.AsArray().Single(o => (string?)o!["objective"] == "revoke-to-gone")!;
        Assert.That(((int)revoke["count"]!, (decimal)revoke["p99"]!), Is.EqualTo((1, (decimal)revoke["max"]!)));
        Assert.That(
            (DateTimeOffset)json.Json["at"]! - (DateTimeOffset)json.Json["since"]!,
            Is.EqualTo(TimeSpan.FromDays(7)).Within(TimeSpan.FromSeconds(5))
        );
    }

    private async Task WaitingAsync()
    {
        _world.Peers.Stubborn["svc-reporting"] = true;
        await CommandAsync(_world.Active, "suspend", "suspending");
        await Eventually.Until(() => SloAsync(), run => run.Output.Contains("connection refused", StringComparison.Ordinal));

        var (table, json) = (await SloAsync(), await SloAsync("--output", "json"));

        Assert.That((table.ExitCode, json.ExitCode), Is.EqualTo((ExitCodes.Failure, ExitCodes.Failure)), table.ToString());
        Assert.That(table.Lines, Has.Some.Contains("suspend-to-gone").And.Contains(" missed "));
        Assert.That(table.Lines, Has.Some.Contains("revoke-to-gone").And.Contains(" met "), "the others are as they were");
        Assert.That(
            table.Lines[^1],
            Does.Match(
                $"^suspend-to-gone: 1 not gone yet, 1 of them late; the longest for [0-9.]+ s: {_world.Active} svc-reporting orders-db/readonly "
                    + "is suspending; unreachable: connection refused [(]attempt 1[)]; next attempt 20[0-9-]+T[0-9:.]+Z$"
            )
        );
        var open = json.Json["objectives"]!.AsArray().Single(o => (string?)o!["objective"] == "suspend-to-gone")!["open"]!;
        Assert.That((Guid)open["oldest"]!["grant"]!, Is.EqualTo(_world.Active));
    }

    private async Task MissedAsync()
    {
        _world.Peers.Stubborn.Clear();
        var grant = await _world.RequestAsync("svc-billing", "orders-db/readonly", "active");
        await CommandAsync(grant, "suspend", "suspended");
        await CommandAsync(_world.Active, "revoke", "ended");

        var run = await SloAsync("-o", "text");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(run.Lines, Has.Some.Match("^suspend-to-gone: missed; .*; 1 of 1 missed it$"));
        Assert.That(run.Output, Does.Not.Contain("not gone yet"));
    }

    private async Task CommandAsync(Guid grant, string verb, string state)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/grants/{grant}/{verb}");
        request.Headers.Add("X-Governance-Actor", Kim);
        using var answer = await _world.Lifecycle.Http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        await Eventually.Until(() => _world.StateAsync(grant), Is.EqualTo(state));
    }

    private Task<Run> SloAsync(params string[] args) => CommandLine.RunAsync(["slo", .. args, "--lifecycle", _world.Lifecycle.Url]);
}
