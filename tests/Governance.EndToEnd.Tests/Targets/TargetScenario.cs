using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Governance.EndToEnd.Tests.Chaos;
using Governance.EndToEnd.Tests.Oracle;
using Governance.EndToEnd.Tests.Running;
using Governance.Testing;

namespace Governance.EndToEnd.Tests.Targets;

/// <summary>
/// Holdings at every kind of target change while processes crash and are killed and all targets drop connections. Then everything works
/// again, and what grants, services and targets say is taken down. Then the kill switch ends all, and it is taken down once more.
/// </summary>
internal sealed class TargetScenario(Suite suite, int seed)
{
    /// <summary>Each is over when all is done; a slow machine takes longer.</summary>
    private static readonly TimeSpan CrashTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(60);
    private readonly Random _random = new(seed);
    private readonly Journal _journal = suite.Journal;

    public async Task<TargetsResult> RunAsync()
    {
        _journal.Note($"seed {seed.ToString(CultureInfo.InvariantCulture)} (GOVERNANCE_CHAOS_SEED)");
        var watch = Stopwatch.StartNew();
        using var recipient = new CredentialRecipient();
        using var enough = new CancellationTokenSource();
        using var healed = new CancellationTokenSource();
        await using var load = new HoldingLoad(suite, recipient, seed);
        TargetTrouble[] troubles = [.. suite.Catalog.Targets.Select((t, i) => new TargetTrouble(t, seed + i))];
        var loading = load.RunAsync(enough.Token);
        var troubling = Task.WhenAll(troubles.Select(t => t.RunAsync(healed.Token)));

        var schedules = await CrashAsync();
        await KillUntilAsync(Task.WhenAny(load.Done, loading));
        await enough.CancelAsync();
        _journal.Note($"the load ends after {load.Sent.Count} requests");
        await loading;
        await healed.CancelAsync();
        await troubling;
        var troubled = watch.Elapsed;
        _journal.Note("the targets answer as they should");
        await suite.ReadyAsync(TimeSpan.FromSeconds(90));
        var open = await Settlement.AwaitAsync(suite, SettleTimeout, mayLast: true);
        var settled = watch.Elapsed;
        _journal.Note(open.Count == 0 ? "everything has settled" : $"{open.Count} things have not settled");
        var history = await StoredHistory.ReadAsync(suite);
        var sides = await AllSides.ReadAsync(suite, history);
        await using var logins = new GrantLogins(suite, recipient);
        var lockedOut = await logins.LogInAsync(sides);
        _journal.Note($"{logins.Count.ToString(CultureInfo.InvariantCulture)} recipients of credentials are logged in");

        watch.Restart();
        await EndAllAsync();
        var openInTheEnd = await Settlement.AwaitAsync(suite, SettleTimeout);
        var ended = watch.Elapsed;
        var historyInTheEnd = await StoredHistory.ReadAsync(suite);
        return new TargetsResult
        {
            Sent = load.Sent,
            Troubles = troubles,
            CrashPoints = [.. schedules.SelectMany(s => s.Points)],
            MissedCrashPoints = [.. schedules.SelectMany(s => s.Missed)],
            Open = open,
            History = history,
            Sides = sides,
            LockedOut = lockedOut,
            OpenInTheEnd = openInTheEnd,
            HistoryInTheEnd = historyInTheEnd,
            StillIn = await logins.StillInAsync(),
            SidesInTheEnd = await AllSides.ReadAsync(suite, historyInTheEnd),
            LeftOvers = await RequestInvariants.LeftOversAsync(suite),
            Troubled = troubled,
            Settled = settled - troubled,
            Ended = ended,
        };
    }

    // Points between which a holding is asked for, changed, seen and told.
    private async Task<IReadOnlyList<CrashSchedule>> CrashAsync()
    {
        var points = CrashPointNames.ByService();
        CrashSchedule[] schedules =
        [
            new(suite, "issuance", points["issuance"], seed),
            new(suite, "lifecycle", [.. points["lifecycle"].Where(p => !p.Contains(".decisions.", StringComparison.Ordinal))], seed),
        ];
        _journal.Note($"crashing at {schedules.Sum(s => s.Points.Count).ToString(CultureInfo.InvariantCulture)} points");
        await Task.WhenAll(schedules.Select(s => s.RunAsync(CrashTimeout)));
        return schedules;
    }

    private async Task KillUntilAsync(Task enough)
    {
        var until = DateTimeOffset.UtcNow + RoundTimeout;
        Replica[] victims = [.. suite.Of("issuance"), .. suite.Of("lifecycle")];
        while (!enough.IsCompleted && DateTimeOffset.UtcNow < until)
        {
            var victim = victims[_random.Next(victims.Length)];
            _journal.Note($"SIGKILL {victim.Name}");
            victim.Kill();
            await Task.WhenAny(enough, Task.Delay(TimeSpan.FromSeconds(_random.Next(20, 30))));
            // On a slow machine nobody would work any more.
            while (!enough.IsCompleted && DateTimeOffset.UtcNow < until && !await victim.IsReadyAsync())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250));
            }
        }
    }

    private async Task EndAllAsync()
    {
        foreach (var target in suite.Catalog.Targets)
        {
            var selector = new { target = target.Kind };
            var preview = await suite.Api.PostAsync(
                "/v1/revocations/preview",
                "kim@example.com",
                JsonSerializer.Serialize(new { selector })
            );
            var order = await suite.Api.PostAsync(
                "/v1/revocations",
                "kim@example.com",
                JsonSerializer.Serialize(
                    new
                    {
                        selector,
                        reason = "the test is over",
                        confirm = int.Parse(preview.Text("hit")!, CultureInfo.InvariantCulture),
                    }
                )
            );
            Assert.That(order.Status, Is.EqualTo(HttpStatusCode.Created), order.ToString());
            _journal.Note($"the kill switch for {target.Kind} is about {order.Text("matched")} grants");
        }
    }
}

/// <summary>What came of it.</summary>
internal sealed record TargetsResult
{
    public required IReadOnlyList<HeldRequest> Sent { get; init; }
    public required IReadOnlyList<TargetTrouble> Troubles { get; init; }
    public required IReadOnlyList<string> CrashPoints { get; init; }
    public required IReadOnlyList<string> MissedCrashPoints { get; init; }

    /// <summary>What was still under way some time after everything worked again.</summary>
    public required IReadOnlyList<Violation> Open { get; init; }

    public required StoredHistory History { get; init; }
    public required AllSides Sides { get; init; }

    /// <summary>Credentials of active grants that open nothing.</summary>
    public required IReadOnlyList<Violation> LockedOut { get; init; }

    /// <summary>The same after the kill switch.</summary>
    public required IReadOnlyList<Violation> OpenInTheEnd { get; init; }

    public required StoredHistory HistoryInTheEnd { get; init; }
    public required AllSides SidesInTheEnd { get; init; }

    /// <summary>Whom the kill switch has not thrown out.</summary>
    public required IReadOnlyList<Violation> StillIn { get; init; }
    public required IReadOnlyList<Violation> LeftOvers { get; init; }

    public required TimeSpan Troubled { get; init; }
    public required TimeSpan Settled { get; init; }
    public required TimeSpan Ended { get; init; }
}
