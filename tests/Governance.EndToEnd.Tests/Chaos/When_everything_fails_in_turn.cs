using System.Globalization;
using Governance.EndToEnd.Tests.Load;
using Governance.EndToEnd.Tests.Oracle;
using Governance.EndToEnd.Tests.Running;

namespace Governance.EndToEnd.Tests.Chaos;

/// <summary>One run of all failures under load; each test is one thing that must hold after it.</summary>
[Category("Alone")]
public sealed class When_everything_fails_in_turn
{
    /// <summary>After the last thing that was done to the suite.</summary>
    private static readonly TimeSpan LongestStall = TimeSpan.FromSeconds(10);

    private TimeSpan Tolerance => TimeSpan.FromMilliseconds(_suite.Shape.MovableClocks ? 250 : 1);

    private Suite _suite = null!;
    private ChaosResult _result = null!;

    [OneTimeSetUp]
    public async Task RunAsync()
    {
        var options = ChaosOptions.FromEnvironment();
        _suite = await Suite.StartAsync(new SuiteShape("chaos", Replicas: 2, Principals: 40) { MovableClocks = options.Has("clocks") });
        var scenario = new Scenario(_suite, options);
        await scenario.RunAsync();
        _result = scenario.Result;
        var summary = Summary() + Environment.NewLine;
        await TestContext.Progress.WriteAsync(summary);
        await File.WriteAllTextAsync(Path.Combine(_suite.Home, "summary.txt"), summary);
        await File.WriteAllTextAsync(Path.Combine(TestContext.CurrentContext.WorkDirectory, "chaos-summary.txt"), summary);
        await File.WriteAllLinesAsync(Path.Combine(_suite.Home, "journal.txt"), _suite.Journal.All);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_suite is not null)
        {
            await _suite.DisposeAsync();
        }
    }

    [Test]
    public void Should_have_crashed_at_every_point() =>
        Assert.That(_result.MissedCrashPoints, Is.Empty, string.Join('\n', _suite.Replicas.Select(r => $"{r.Name}:\n{r.LogEnd()}")));

    [Test]
    public void Should_have_become_ready_again_after_every_failure() => None(_result.NotRecovered);

    [Test]
    public void Should_show_access_only_while_a_grant_covers_it() =>
        None(TargetInvariants.OnlyWhileCovered(_result.Sightings, _result.History, _suite.Catalog, Tolerance));

    [Test]
    public void Should_show_access_all_the_time_that_a_grant_is_active() =>
        None(TargetInvariants.AlwaysWhileActive(_result.Sightings, _result.History, _suite.Catalog));

    [Test]
    public void Should_have_one_stream_for_each_request() => None(StreamInvariants.OnePerRequest(_result.History));

    [Test]
    public void Should_have_each_milestone_once() => None(StreamInvariants.MilestonesOnce(_result.History));

    [Test]
    public void Should_have_each_ledger_revision_once_and_in_order() => None(StreamInvariants.RevisionsInOrder(_result.History));

    [Test]
    public void Should_have_each_version_once_and_in_order() => None(StreamInvariants.VersionsInOrder(_result.History));

    [Test]
    public void Should_have_stored_what_folding_the_events_gives() => None(StreamInvariants.FoldsGiveTheStored(_result.History));

    [Test]
    public void Should_have_counted_no_time_outside_of_asking_and_hearing() =>
        None(StreamInvariants.TimesBetweenAskingAndHearing(_result.History));

    [Test]
    public void Should_have_nothing_in_error_queues() => None(_result.LeftOvers);

    [Test]
    public void Should_have_settled_desired_observed_and_target() => None(_result.Open);

    [Test]
    public void Should_have_every_request_where_it_belongs() =>
        None(RequestInvariants.WhereTheyBelong(_result.Sent, _result.History, _result.Rejected));

    [Test]
    public void Should_have_told_every_decision_in_an_unbroken_chain() =>
        None(DecisionInvariants.UnbrokenChain(_result.Decisions, _result.History));

    [Test]
    public void Should_never_have_stalled_the_relay_for_long()
    {
        var stalls = _result
            .Relay.Longest.Where(s => s.Value.Counts && s.Value.Length >= LongestStall)
            .Select(s => new Violation($"{s.Key} stalled for {s.Value.Length}", null, s.Value.At));
        None(stalls);
    }

    private void None(IEnumerable<Violation> violations) => Violation.AssertNone(violations, _result.History, _suite.Journal);

    private string Summary()
    {
        var stories = _result.History.Stories.Values.Select(s => s.Fold()).ToList();
        var states = stories
            .GroupBy(g => g.EndReason is null ? g.CurrentState : $"{g.CurrentState} ({g.EndReason})", StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal);
        var denials = stories
            .Where(g => g.CurrentState == Lifecycle.Grants.GrantState.Denied)
            .SelectMany(g => g.Decision!.Reasons)
            .GroupBy(r => r, StringComparer.Ordinal);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {_result.Sent.Count} requests ({string.Join(", ", _result.Sent.GroupBy(s => s.Fate).Select(f => $"{f.Count()} {f.Key}"))})
            {stories.Count} grants: {string.Join(", ", states.Select(s => $"{s.Count()} {s.Key}"))}; denied for: {string.Join(
                ", ",
                denials.Select(d => $"{d.Count()} {d.Key}")
            )}
            {_result.History.Events.Count} events, {_result.Decisions.Count} messages of the decision stream, {_result.Sightings.Count} looks at the target
            crashed at {_result.CrashPoints.Count
                - _result.MissedCrashPoints.Count} of {_result.CrashPoints.Count} points; {_suite.Replicas.Sum(r =>
                r.Starts - 1
            )} processes started again, {_suite.Replicas.Sum(r =>
                r.UnexpectedEnds
            )} of them after they ended by themselves (crash points included)
            transport: {_result.Transport}
            the longest wait of an event for each subscription:
            {_result.Relay.Summary}
            """
        );
    }
}
