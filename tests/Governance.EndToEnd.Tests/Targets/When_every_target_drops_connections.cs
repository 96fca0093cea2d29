using System.Globalization;
using Governance.EndToEnd.Tests.Chaos;
using Governance.EndToEnd.Tests.Oracle;
using Governance.EndToEnd.Tests.Running;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Principals;

namespace Governance.EndToEnd.Tests.Targets;

/// <summary>
/// One run with a target of every kind, all of which cut connections, hang after the work was done, are away or slow, while processes crash;
/// each test is one thing that must hold after it, by what the targets say themselves.
/// </summary>
[Category("Alone")]
public sealed class When_every_target_drops_connections
{
    private const int Principals = 24;
    private const int Privileges = 3;
    private const int LeastHoldings = 500;
    private IReadOnlyList<SuiteTarget> _targets = [];
    private Suite _suite = null!;
    private TargetsResult _result = null!;

    private static readonly string[] Kinds =
    [
        "postgresql",
        "postgresql-login",
        "rabbitmq",
        "rabbitmq-user",
        "kubernetes",
        "scim",
        "webhook",
    ];

    [OneTimeSetUp]
    public async Task RunAsync()
    {
        _targets = await SuiteTarget.CreateAllAsync(Principals, Privileges);
        Assert.That(_targets.Select(t => t.Kind), Is.EqualTo(Kinds));
        _suite = await Suite.StartAsync(new SuiteShape("targets", Replicas: 2, Principals) { Owners = Principals, Targets = _targets });
        _result = await new TargetScenario(_suite, ChaosOptions.FromEnvironment().Seed).RunAsync();
        var summary = Summary() + Environment.NewLine;
        await TestContext.Progress.WriteAsync(summary);
        await File.WriteAllTextAsync(Path.Combine(_suite.Home, "summary.txt"), summary);
        await File.AppendAllTextAsync(Path.Combine(TestContext.CurrentContext.WorkDirectory, "chaos-summary.txt"), summary);
        await File.WriteAllLinesAsync(Path.Combine(_suite.Home, "journal.txt"), _suite.Journal.All);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_suite is not null)
        {
            await _suite.DisposeAsync();
        }

        foreach (var target in _targets)
        {
            await target.DisposeAsync();
        }
    }

    [Test]
    public void Should_have_crashed_at_every_point() =>
        Assert.That(_result.MissedCrashPoints, Is.Empty, string.Join('\n', _suite.Replicas.Select(r => $"{r.Name}:\n{r.LogEnd()}")));

    [Test]
    public void Should_have_had_every_trouble_at_every_target() =>
        Assert.That(
            _result.Troubles.SelectMany(t => TargetTrouble.Kinds.Where(k => !t.Done.ContainsKey(k)).Select(k => $"{t.Target.Kind}: {k}")),
            Is.Empty
        );

    [Test]
    public void Should_have_changed_500_holdings() =>
        Assert.That(_result.Sides.Holdings.Count(h => h.Desired is not null), Is.GreaterThanOrEqualTo(LeastHoldings));

    [Test]
    public void Should_have_come_to_rest() => None(_result.Open);

    [Test]
    public void Should_desire_what_active_grants_hold() => None(AgreementInvariants.DesiredAsGranted(_result.Sides));

    [Test]
    public void Should_have_observed_what_is_desired() => None(AgreementInvariants.ObservedAsDesired(_result.Sides));

    [TestCaseSource(nameof(Kinds))]
    public void Should_show_at_the_target_what_active_grants_hold(string kind)
    {
        var there = _result.Sides.Holdings.Count(h => h.Target.Kind == kind && h.Active.Count > 0);
        Assert.That(there, Is.InRange(10, Principals * Privileges - 10), "of both there is enough to tell one from the other");
        None(AgreementInvariants.ThereAsGranted(_result.Sides, Target(kind)));
    }

    [TestCaseSource(nameof(Kinds))]
    public void Should_show_nothing_else_at_the_target(string kind) => None(AgreementInvariants.NothingElse(_result.Sides, Target(kind)));

    [Test]
    public void Should_let_in_whoever_has_the_credential_of_an_active_grant() => None(_result.LockedOut);

    [Test]
    public void Should_have_given_each_request_the_course_that_was_meant() =>
        None(
            _result
                .Sent.Select(s => (Sent: s, Grant: _result.History.Stories.GetValueOrDefault(s.Request.GrantId)?.Fold()))
                .Where(s => !IsAsMeant(s.Sent.Course, s.Grant))
                .Select(s => new Violation(
                    $"{s.Sent.Request.Id} ({s.Sent.Course}, {s.Sent.Target.Kind}) is {s.Grant?.CurrentState ?? "nowhere"}",
                    s.Grant?.Id
                ))
        );

    [Test]
    public void Should_have_one_stream_for_each_request() => None(StreamInvariants.OnePerRequest(_result.HistoryInTheEnd));

    [Test]
    public void Should_have_each_milestone_once() => None(StreamInvariants.MilestonesOnce(_result.HistoryInTheEnd));

    [Test]
    public void Should_have_each_ledger_revision_once_and_in_order() => None(StreamInvariants.RevisionsInOrder(_result.HistoryInTheEnd));

    [Test]
    public void Should_have_stored_what_folding_the_events_gives() => None(StreamInvariants.FoldsGiveTheStored(_result.HistoryInTheEnd));

    [Test]
    public void Should_have_nothing_in_error_queues() => None(_result.LeftOvers);

    [Test]
    public void Should_have_ended_everything_by_the_kill_switch() => None(_result.OpenInTheEnd);

    [TestCaseSource(nameof(Kinds))]
    public void Should_leave_nothing_at_the_target_after_the_kill_switch(string kind)
    {
        Assert.That(_result.SidesInTheEnd.Shown[kind], Is.Empty);
        Assert.That(_result.SidesInTheEnd.Holdings.Where(h => h.Target.Kind == kind && h.IsThere), Is.Empty);
    }

    [Test]
    public void Should_have_thrown_out_everybody_by_the_kill_switch() => None(_result.StillIn);

    private SuiteTarget Target(string kind) => _targets.Single(t => t.Kind == kind);

    private void None(IEnumerable<Violation> violations) => Violation.AssertNone(violations, _result.HistoryInTheEnd, _suite.Journal);

    private static bool IsAsMeant(Course course, Grant? grant) =>
        (grant, course) switch
        {
            ({ CurrentState: GrantState.Denied, Decision: { } decision }, _) => RequestInvariants.IsExcused(decision.Reasons),
            ({ CurrentState: GrantState.Suspended, Suspension.Refused: { } reasons }, Course.Resumes) => RequestInvariants.IsExcused(
                reasons
            ),
            (_, Course.Lasts or Course.Resumes) => grant?.CurrentState == GrantState.Active,
            (_, Course.Rests) => grant?.CurrentState == GrantState.Suspended,
            _ => grant?.CurrentState == GrantState.Ended,
        };

    private string Summary()
    {
        var desired = _result
            .History.Events.Where(e => e.Data is HoldingDesired)
            .ToLookup(e => ((HoldingDesired)e.Data).Binding.Target, StringComparer.Ordinal);
        var lines = _result.Troubles.Select(trouble =>
        {
            var holdings = _result.Sides.Holdings.Where(h => h.Target == trouble.Target && h.Desired is not null).ToList();
            var states = holdings.SelectMany(h => h.Grants).CountBy(g => g.CurrentState, StringComparer.Ordinal);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"  {trouble.Target.Kind}: {holdings.Count} holdings changed {desired[trouble.Target.Kind].Count()} times by {holdings.Sum(h => h.Grants.Count)} grants ({string.Join(", ", states.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Value} {s.Key}"))}); {trouble}"
            );
        });
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            every target drops connections: {_result.Sides.Holdings.Count(h =>
                h.Desired is not null
            )} holdings, {_result.Sent.Count} requests ({string.Join(
                ", ",
                _result.Sent.CountBy(s => s.Course).Select(c => $"{c.Value} {c.Key}")
            )})
            {string.Join('\n', lines)}
            crashed at {_result.CrashPoints.Count
                - _result.MissedCrashPoints.Count} of {_result.CrashPoints.Count} points; {_suite.Replicas.Sum(r =>
                r.Starts - 1
            )} processes started again
            trouble for {_result.Troubled.TotalSeconds:0} s, settled {_result.Settled.TotalSeconds:0.0} s after it, all gone {_result.Ended.TotalSeconds:0.0} s after the kill switch
            """
        );
    }
}
