using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json.Nodes;
using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Api;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Objectives;
using Governance.Lifecycle.Tests.Running;
using Governance.ServiceDefaults;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Objectives;

/// <summary>Every test ends what it was given, so that nothing is open for another.</summary>
[NonParallelizable]
public sealed class When_objectives_are_held_against_the_record
{
    private const string Kim = "kim@example.com";
    private const string Always = "P366D";
    private World _world = null!;

    [OneTimeSetUp]
    public async Task EnterAsync() => _world = await World.CreateAsync("Lifecycle:SloSuspendToGone=00:00:30");

    [OneTimeTearDown]
    public async Task LeaveAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_say_what_the_histories_say()
    {
        foreach (var seconds in new[] { 0.2, 1.1, 1.9, 3.5, 40 })
        {
            await RevokedAsync(TestCatalog.NextActor(), seconds);
        }

        foreach (var seconds in new[] { 0.3, 1.7, 2.6, 61 })
        {
            var actor = TestCatalog.NextActor();
            await ExpiredAsync(actor, await ActiveAsync(actor, seconds), seconds);
        }

        foreach (var seconds in new[] { 0.4, 29, 31 })
        {
            await SuspendedUntilItsEndAsync(TestCatalog.NextActor(), seconds);
        }

        await ResumedUntilItsEndAsync(TestCatalog.NextActor());
        await RenewedUntilItsEndAsync(TestCatalog.NextActor());

        var report = await ReportAsync(Always);

        var said = await HistoriesAsync();
        (string Objective, decimal Aim)[] aims =
        [
            (Objective.DecisionToEffective, 5),
            (Objective.ExpiryToGone, 2),
            (Objective.RevokeToGone, 2),
            (Objective.SuspendToGone, 30),
        ];
        Assert.That(report["objectives"]!.AsArray().Select(o => (string?)o!["objective"]), Is.EqualTo(aims.Select(a => a.Objective)));
        foreach (var (objective, aim) in aims)
        {
            var figures = Of(report, objective);
            Assert.That((decimal)figures["aim"]!, Is.EqualTo(aim), objective);
            Assert.That((int)figures["count"]!, Is.EqualTo(said[objective].Count).And.GreaterThanOrEqualTo(4), objective);
            foreach (var percent in new[] { 50, 95, 99 })
            {
                Assert.That((decimal)figures["p" + percent]!, Is.EqualTo(said.Percentile(objective, percent)), $"{objective} p{percent}");
            }

            Assert.That((decimal)figures["max"]!, Is.EqualTo(said[objective][^1]), objective);
            Assert.That((int)figures["missed"]!, Is.EqualTo(said[objective].Count(s => s > aim)).And.GreaterThan(0), objective);
            Assert.That((bool)figures["met"]!, Is.False, objective);
        }

        Assert.That((bool)report["met"]!, Is.False);
    }

    [Test]
    public async Task Should_count_what_was_recorded_in_the_window_to_the_microsecond()
    {
        var first = await RevokedAsync(TestCatalog.NextActor(), 1.25);
        _world.Clock.Advance(TimeSpan.FromHours(1));
        await RevokedAsync(TestCatalog.NextActor(), 7.5);
        var reader = _world.Service.Get<SloReader>();
        var recorded = new DateTimeOffset(
            await _world.ScalarAsync<DateTime>(
                "select \"timestamp\" from lifecycle.mt_events where stream_id = $1 and type = 'grant-ended.v1'",
                first
            )
        );

        var from = Revokes(await reader.ReadAsync(recorded, CancellationToken.None));
        var after = Revokes(await reader.ReadAsync(recorded.AddMicroseconds(1), CancellationToken.None));
        var lately = Of(await ReportAsync("PT30M"), Objective.RevokeToGone);

        Assert.That((from.Count, after.Count), Is.EqualTo((2L, 1L)));
        Assert.That(from.P50, Is.InRange(1.25m, 2m));
        Assert.That(
            (after.P50, after.Max),
            Is.EqualTo((from.Max, from.Max)).And.EqualTo((from.P99, from.P99)),
            "only the first is left out"
        );
        Assert.That(((int)lately["count"]!, (decimal)lately["max"]!), Is.EqualTo((1, after.Max)));
    }

    [Test]
    public async Task Should_have_met_everything_where_nothing_was_to_be_done()
    {
        await RevokedAsync(TestCatalog.NextActor(), 10);
        _world.Clock.Advance(TimeSpan.FromMinutes(10));

        var report = await ReportAsync("PT5M");

        foreach (var objective in report["objectives"]!.AsArray())
        {
            Assert.That(((int)objective!["count"]!, (int)objective["missed"]!, (bool)objective["met"]!), Is.EqualTo((0, 0, true)));
            Assert.That(objective.AsObject().Select(m => m.Key), Has.None.StartsWith("p").And.None.EqualTo("max").And.None.EqualTo("open"));
        }

        Assert.That((bool)report["met"]!, Is.True);
        Assert.That((bool)(await ReportAsync("PT20M"))["met"]!, Is.False, "it looks back further");
    }

    [Test]
    public async Task Should_name_what_is_permitted_and_not_effective_yet()
    {
        var (actor, other) = (TestCatalog.NextActor(), TestCatalog.NextActor());
        var grant = await _world.ActivatingAsync(actor);
        _world.Clock.Advance(TimeSpan.FromSeconds(14));
        var later = await _world.ActivatingAsync(other);

        var report = await ReportAsync("PT5S");

        var open = Of(report, Objective.DecisionToEffective)["open"]!;
        Assert.That(((int)open["count"]!, (int)open["late"]!), Is.EqualTo((2, 1)), "the other one has just begun");
        Assert.That(((Guid)open["oldest"]!["grant"]!, (string?)open["oldest"]!["state"]), Is.EqualTo((grant, "activating")));
        Assert.That((DateTimeOffset)open["oldest"]!["since"]!, Is.EqualTo(await MomentAsync(grant, "activation-started.v1", "at")));
        Assert.That((bool)report["met"]!, Is.False);

        foreach (var (id, who) in new[] { (grant, actor), (later, other) })
        {
            await _world.ObserveAsync(who.First);
            await _world.ReachAsync(id, GrantState.Active);
        }

        Assert.That(Of(await ReportAsync("PT5S"), Objective.DecisionToEffective)["open"], Is.Null);
        foreach (var (id, who) in new[] { (grant, actor), (later, other) })
        {
            await RevokeAsync(id);
            await _world.ObserveAsync(who.First);
            await _world.ReachAsync(id, GrantState.Ended);
        }
    }

    [Test]
    public async Task Should_name_what_the_target_does_not_let_go()
    {
        var (actor, other) = (TestCatalog.NextActor(), TestCatalog.NextActor());
        var grant = await _world.ActiveAsync(actor);
        await RevokeAsync(grant);
        await FailAsync(actor.First);
        await _world.ReachAsync(grant, GrantState.RevokeFailed);
        _world.Clock.Advance(TimeSpan.FromMinutes(10));
        var later = await _world.ActiveAsync(other);
        await RevokeAsync(later);

        var report = await ReportAsync("PT5M");

        var open = Of(report, Objective.RevokeToGone)["open"]!;
        Assert.That(((int)open["count"]!, (int)open["late"]!), Is.EqualTo((2, 1)), "the other one has just begun");
        var oldest = open["oldest"]!;
        Assert.That(((Guid)oldest["grant"]!, (string?)oldest["state"]), Is.EqualTo((grant, "revoke-failed")));
        Assert.That(((string?)oldest["principal"], (string?)oldest["entitlement"]), Is.EqualTo((actor.First, TestCatalog.Readonly)));
        Assert.That((DateTimeOffset)oldest["since"]!, Is.EqualTo(await MomentAsync(grant, "revocation-started.v1", "at")));
        Assert.That((decimal)oldest["waiting"]!, Is.InRange(600m, 660m));
        var failure = oldest["failure"]!;
        Assert.That(((string?)failure["code"], (string?)failure["message"]), Is.EqualTo(("unreachable", "connection refused")));
        Assert.That(failure["nextAttemptAt"], Is.Null, "It was to be five minutes ago.");
        Assert.That(
            ((int)Of(report, Objective.RevokeToGone)["count"]!, (bool)report["met"]!),
            Is.EqualTo((0, false)),
            "what is not gone is in no figure, and still not as it should be"
        );

        await _world.ObserveAsync(actor.First);
        await _world.ObserveAsync(other.First);
        Assert.That(Of(await ReportAsync("PT5M"), Objective.RevokeToGone)["open"], Is.Null);
    }

    [Test]
    public async Task Should_name_what_is_over_and_was_not_told()
    {
        var actor = TestCatalog.NextActor();
        var grant = await _world.ActiveAsync(actor);
        var end = await MomentAsync(grant, "grant-activated.v1", "expiresAt");
        _world.Clock.Advance(TimeSpan.FromMinutes(61));

        var open = Of(await ReportAsync("PT5M"), Objective.ExpiryToGone)["open"]!;

        Assert.That(((int)open["count"]!, (int)open["late"]!), Is.EqualTo((1, 1)));
        Assert.That(((Guid)open["oldest"]!["grant"]!, (string?)open["oldest"]!["state"]), Is.EqualTo((grant, "active")));
        Assert.That((DateTimeOffset)open["oldest"]!["since"]!, Is.EqualTo(end));

        await _world.SendAsync(Answers.Reached(await _world.Peers.DeadlineAsync(grant, DeadlineKinds.Expiry)));
        open = Of(await ReportAsync("PT5M"), Objective.ExpiryToGone)["open"]!;
        Assert.That(
            ((string?)open["oldest"]!["state"], (DateTimeOffset)open["oldest"]!["since"]!),
            Is.EqualTo(("revoking", end)),
            "it is late since its end, whenever that was noticed"
        );
        await _world.ObserveAsync(actor.First);
    }

    [Test]
    public async Task Should_wait_since_the_suspension_that_was_never_through()
    {
        var actor = TestCatalog.NextActor();
        var grant = await _world.ActiveAsync(actor);
        await _world.CommandAsync(grant, "suspend", Kim);
        await FailAsync(actor.First);
        var began = await MomentAsync(grant, "suspension-started.v1", "at");
        _world.Clock.Advance(TimeSpan.FromMinutes(1));

        var suspending = Of(await ReportAsync("PT5M"), Objective.SuspendToGone)["open"]!;
        await RevokeAsync(grant);
        var report = await ReportAsync("PT5M");

        Assert.That(
            ((Guid)suspending["oldest"]!["grant"]!, (int)suspending["late"]!, (string?)suspending["oldest"]!["failure"]!["code"]),
            Is.EqualTo((grant, 1, "unreachable"))
        );
        Assert.That(Of(report, Objective.SuspendToGone)["open"], Is.Null);
        var revoking = Of(report, Objective.RevokeToGone)["open"]!;
        Assert.That(((Guid)revoking["oldest"]!["grant"]!, (int)revoking["late"]!), Is.EqualTo((grant, 1)));
        Assert.That((DateTimeOffset)revoking["oldest"]!["since"]!, Is.EqualTo(began));
        await _world.ObserveAsync(actor.First);
    }

    [TestCase("24h")]
    [TestCase("P1M")]
    [TestCase("PT0S")]
    [TestCase("P367D")]
    [TestCase("-PT1H")]
    [TestCase("")]
    public async Task Should_say_how_a_window_is_given(string since)
    {
        var (status, problem) = await _world.GetAsync("/v1/slo?since=" + since);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.BadRequest, "invalid-since")));
        Assert.That((string?)problem["detail"], Does.StartWith("since: ").And.Contain("PT24H"));
    }

    [Test]
    public async Task Should_look_a_day_back_when_nothing_is_said()
    {
        var (_, report) = await _world.GetAsync("/v1/slo");

        Assert.That(
            (DateTimeOffset)report["at"]! - (DateTimeOffset)report["since"]!,
            Is.EqualTo(TimeSpan.FromDays(1)).Within(TimeSpan.FromSeconds(5))
        );
    }

    [Test]
    public async Task Should_count_the_same_in_histograms_that_tell_the_objectives_apart()
    {
        var recorded = new ConcurrentBag<(string Name, double Seconds, string? Reason)>();
        var bounds = new ConcurrentDictionary<string, IReadOnlyList<double>?>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument is Histogram<double> histogram && instrument.Meter.Name == Telemetry.Name)
            {
                bounds[instrument.Name] = histogram.Advice?.HistogramBucketBoundaries;
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>(
            (instrument, value, tags, _) =>
                recorded.Add(
                    (instrument.Name, value, tags.ToArray().Where(t => t.Key == "reason").Select(t => (string?)t.Value).SingleOrDefault())
                )
        );
        listener.Start();

        // Waits that no other test has.
        var (gone, over, away) = (TestCatalog.NextActor(), TestCatalog.NextActor(), TestCatalog.NextActor());
        var grant = await ActiveAsync(gone, 111);
        await RevokeAsync(grant);
        await WaitAsync(gone, 222);
        await ExpiredAsync(over, await _world.ActiveAsync(over), 333);
        await SuspendedUntilItsEndAsync(away, 444);

        await RecordedAsync("governance.decision.to.effective", 111, null);
        await RecordedAsync("governance.revoke.to.gone", 222, "revoked");
        await RecordedAsync("governance.expiry.to.gone", 333, null);
        await RecordedAsync("governance.suspend.to.gone", 444, null);
        Assert.That(
            recorded.Where(r => r is { Name: "governance.revoke.to.gone", Reason: "expired" }),
            Is.Empty,
            "what expires is in a histogram of its own"
        );

        // What is recorded is recorded after the commit that the test has seen.
        async Task RecordedAsync(string name, double seconds, string? reason)
        {
            await Eventually.Until(
                () => Task.FromResult(recorded.Where(r => r.Name == name && r.Reason == reason).Select(r => r.Seconds).ToList()),
                Has.Exactly(1).InRange(seconds, seconds + 10)
            );
            Assert.That(bounds[name], Is.SupersetOf(new[] { 0.1, 2, 5, 3600 }), "an aim is a bound");
        }
    }

    private async Task<Guid> ActiveAsync(Actor actor, double seconds)
    {
        var grant = await _world.ActivatingAsync(actor);
        await WaitAsync(actor, seconds);
        await _world.ReachAsync(grant, GrantState.Active);
        return grant;
    }

    private async Task<Guid> RevokedAsync(Actor actor, double seconds)
    {
        var grant = await _world.ActiveAsync(actor);
        await RevokeAsync(grant);
        await WaitAsync(actor, seconds);
        await _world.ReachAsync(grant, GrantState.Ended);
        return grant;
    }

    private async Task SuspendedUntilItsEndAsync(Actor actor, double seconds)
    {
        var grant = await _world.ActiveAsync(actor);
        await SuspendedAsync(actor, grant, seconds);
        await ExpiredAsync(actor, grant, 0.1);
    }

    private async Task ResumedUntilItsEndAsync(Actor actor)
    {
        var grant = await _world.ActiveAsync(actor);
        await SuspendedAsync(actor, grant, 0.5);
        await _world.CommandAsync(grant, "resume", "lee@example.com");
        // Shorter than what is left of it.
        await _world.SendAsync(
            Answers.Of(await _world.Peers.QuestionAsync(grant, 2), Outcome.Permit, d => d with { Duration = TimeSpan.FromMinutes(10) })
        );
        await WaitAsync(actor, 4);
        await _world.ReachAsync(grant, GrantState.Active);
        await ExpiredAsync(actor, grant, 0.7);
    }

    private async Task RenewedUntilItsEndAsync(Actor actor)
    {
        var grant = await _world.ActiveAsync(actor);
        _world.Clock.Advance(TimeSpan.FromMinutes(45));
        await _world.CommandAsync(grant, "renew", actor.HumanName, body: new { duration = "PT1H", justification = "the load is not done" });
        await _world.SendAsync(Answers.Of(await _world.Peers.QuestionAsync(grant, 2), Outcome.Permit));
        await ExpiredAsync(actor, grant, 0.9);
    }

    private async Task SuspendedAsync(Actor actor, Guid grant, double seconds)
    {
        await _world.CommandAsync(grant, "suspend", Kim);
        await WaitAsync(actor, seconds);
        await _world.ReachAsync(grant, GrantState.Suspended);
    }

    private async Task ExpiredAsync(Actor actor, Guid grant, double seconds)
    {
        var counts = await _world.ScalarAsync<long>(
            "select (data -> 'deadlines' -> 'expiry' ->> 'revision')::bigint from lifecycle.mt_doc_grant where id = $1",
            grant
        );
        var deadline = (
            await Eventually.Until(
                () => Task.FromResult(_world.Peers.Deadlines(grant, DeadlineKinds.Expiry)),
                d => d.Any(x => x.Revision == counts)
            )
        ).Last(x => x.Revision == counts);
        _world.Clock.Advance(deadline.Due - _world.Clock.Now());
        await _world.SendAsync(Answers.Reached(deadline));
        await _world.ReachAsync(grant, GrantState.Revoking);
        await WaitAsync(actor, seconds);
        await _world.ReachAsync(grant, GrantState.Ended);
    }

    private async Task RevokeAsync(Guid grant)
    {
        await _world.CommandAsync(grant, "revoke", Kim);
        await _world.ReachAsync(grant, GrantState.Revoking);
    }

    /// <summary>The target is made to match so much later.</summary>
    private async Task WaitAsync(Actor actor, double seconds)
    {
        _world.Clock.Advance(TimeSpan.FromSeconds(seconds));
        await _world.ObserveAsync(actor.First);
    }

    private async Task FailAsync(string principal)
    {
        var revision = (await _world.RevisionsAsync(principal))[^1];
        await _world.SendAsync(Answers.Failed(await _world.Peers.HoldingAsync(principal, revision), _world.Clock.Now()));
    }

    private async Task<JsonNode> ReportAsync(string since)
    {
        var (status, report) = await _world.GetAsync("/v1/slo?since=" + since);
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), report.ToJsonString());
        return report;
    }

    private async Task<HistoryWaits> HistoriesAsync()
    {
        var said = new HistoryWaits();
        foreach (var grant in await _world.ScalarAsync<Guid[]>("select array_agg(id) from lifecycle.mt_doc_grant") ?? [])
        {
            said.Add((await _world.GetAsync($"/v1/grants/{grant}/history")).Body);
        }

        return said;
    }

    private async Task<DateTimeOffset> MomentAsync(Guid grant, string type, string member)
    {
        var (_, history) = await _world.GetAsync($"/v1/grants/{grant}/history");
        return (DateTimeOffset)history["events"]!.AsArray().Last(e => (string?)e!["type"] == type)!["data"]![member]!;
    }

    private static JsonNode Of(JsonNode report, string objective) =>
        report["objectives"]!.AsArray().Single(o => (string?)o!["objective"] == objective)!;

    private static ObjectiveView Revokes(SloReport report) => report.Objectives.Single(o => o.Objective == Objective.RevokeToGone);
}
