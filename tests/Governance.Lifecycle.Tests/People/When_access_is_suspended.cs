using System.Net;
using Governance.Contracts.Decisions;
using Governance.Contracts.Expiry;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.People;

public sealed class When_access_is_suspended : WorldFixture
{
    private Actor _actor = null!;
    private Guid _grant;
    private DateTimeOffset _end;

    [SetUp]
    public async Task BeginAsync()
    {
        _actor = TestCatalog.NextActor();
        _grant = await World.ActiveAsync(_actor);
        _end = await EndAsync();
    }

    [Test]
    public async Task Should_be_suspended_only_when_the_target_shows_it()
    {
        var (status, view) = await World.CommandAsync(_grant, "suspend", "kim@example.com", "k", new { comment = "odd traffic" });
        Assert.That((status, (string?)view["state"]), Is.EqualTo((HttpStatusCode.OK, "suspending")));
        Assert.That((await LastHoldingAsync()).Leases, Is.Empty);

        await World.ObserveAsync(_actor.First, direct: true);
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Suspending), "it is still there");
        await World.ObserveAsync(_actor.First);

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Suspended));
        Assert.That((await World.CommandAsync(_grant, "suspend", "kim@example.com", "k")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await EndAsync(), Is.EqualTo(_end), "its time runs on");
    }

    [Test]
    public async Task Should_tell_what_fails_and_heal()
    {
        await World.CommandAsync(_grant, "suspend", "kim@example.com");
        var holding = await LastHoldingAsync();

        await World.SendAsync(Answers.Failed(holding, World.Clock.Now()));

        var (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That(((string?)view["state"], (string?)view["failure"]!["code"]), Is.EqualTo(("suspending", "unreachable")));
        Assert.That(view["failure"]!["nextAttemptAt"], Is.Not.Null);
        await World.ObserveAsync(_actor.First);
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Suspended));
        Assert.That((await World.GetAsync($"/v1/grants/{_grant}")).Body["failure"], Is.Null);
    }

    [Test]
    public async Task Should_come_back_by_a_fresh_decision_and_end_when_it_would_have()
    {
        await SuspendedAsync();
        World.Clock.Advance(TimeSpan.FromMinutes(20));

        var (status, view) = await World.CommandAsync(_grant, "resume", "lee@example.com");
        Assert.That((status, (string?)view["state"]), Is.EqualTo((HttpStatusCode.OK, "suspended")), "not before it is decided");
        var question = await Peers.QuestionAsync(_grant, 2);
        Assert.That(question.Purpose, Is.EqualTo(DecisionPurpose.Issue));
        await World.SendTwiceAsync(Answers.Of(question, Outcome.Permit));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Activating));
        Assert.That((await LastHoldingAsync()).Leases, Is.EqualTo(new[] { new Lease(_grant, _end) }));
        await World.ObserveAsync(_actor.First);
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Active));
        Assert.That(await EndAsync(), Is.EqualTo(_end));
        var deadline = Peers.Deadlines(_grant, DeadlineKinds.Expiry)[^1];
        Assert.That(deadline.Due, Is.EqualTo(_end));
        await World.SendAsync(Answers.Reached(deadline));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Revoking));
    }

    [Test]
    public async Task Should_come_back_on_the_approvals_that_it_was_given_for_though_a_renewal_was_refused()
    {
        var actor = TestCatalog.NextActor();
        var grant = await World.RequestAsync(actor, TestCatalog.Writer);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(grant), Outcome.ApprovalRequired));
        await World.CommandAsync(grant, "approve", "lee@example.com");
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(grant, 2), Outcome.Permit, discharged: true));
        await World.ObserveAsync(actor.First);
        await World.ReachAsync(grant, GrantState.Active);
        World.Clock.Advance(TimeSpan.FromMinutes(50));
        Assert.That(
            (await World.CommandAsync(grant, "renew", actor.HumanName, body: new { justification = "not done" })).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(grant, 3), Outcome.Forbid));
        await World.CommandAsync(grant, "suspend", "kim@example.com");
        await World.ObserveAsync(actor.First);

        await World.CommandAsync(grant, "resume", "kim@example.com");

        var facts = Answers.FactsOf(await Peers.QuestionAsync(grant, 4));
        Assert.That(facts.Request.Revision, Is.Null, "the one that was approved");
        Assert.That(facts.Approvals.Select(a => (a.Approver, a.Revision)), Is.EqualTo(new[] { (TestCatalog.Lee, (int?)null) }));
    }

    [TestCase("suspend")]
    [TestCase("revoke")]
    public async Task Should_be_taken_from_others_by_people_only(string verb)
    {
        foreach (var other in new[] { _actor.Second, "svc-reporting" })
        {
            var (status, problem) = await World.CommandAsync(_grant, verb, other);
            Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "not-their-own")), other);
        }

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Active));
        Assert.That((await World.CommandAsync(_grant, verb, _actor.First)).Status, Is.EqualTo(HttpStatusCode.OK), "its own");
    }

    [TestCase(Outcome.Forbid, "forbidden")]
    [TestCase(Outcome.ApprovalRequired, "approval-required")]
    public async Task Should_stay_suspended_when_it_may_not_come_back(Outcome outcome, string reason)
    {
        await SuspendedAsync();
        await World.CommandAsync(_grant, "resume", "lee@example.com");

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), outcome));

        var (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That(((string?)view["state"], (string?)view["suspension"]!["refused"]![0]), Is.EqualTo(("suspended", reason)));
        Assert.That((await LastHoldingAsync()).Leases, Is.Empty);
    }

    [Test]
    public async Task Should_say_what_it_lacked_to_come_back()
    {
        await SuspendedAsync();
        await World.CommandAsync(_grant, "resume", "lee@example.com");
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.Forbid, Answers.WithoutPermit));

        var (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That((string?)view["suspension"]!["nearest"]!["policy"], Is.EqualTo("readers"));

        await World.CommandAsync(_grant, "resume", "lee@example.com");
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 3), Outcome.Forbid, Answers.Frozen));

        (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That(view["suspension"]!["nearest"], Is.Null);
        Assert.That((string?)view["suspension"]!["because"]![0]!["policy"], Is.EqualTo("freeze"));
    }

    [Test]
    public async Task Should_not_be_given_back_to_themselves_by_those_it_was_taken_from()
    {
        await SuspendedAsync();

        var (status, problem) = await World.CommandAsync(_grant, "resume", _actor.HumanName);
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "resumer-is-involved")));
        (status, problem) = await World.CommandAsync(_grant, "resume", "svc-reporting");
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "resumer-not-human")));
    }

    [Test]
    public async Task Should_be_given_back_by_whoever_suspended_their_own()
    {
        await World.CommandAsync(_grant, "suspend", _actor.HumanName);
        await World.ObserveAsync(_actor.First);

        Assert.That((await World.CommandAsync(_grant, "resume", _actor.HumanName)).Status, Is.EqualTo(HttpStatusCode.OK));
        var (status, problem) = await World.CommandAsync(_grant, "resume", _actor.HumanName);
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "being-resumed")));
    }

    [Test]
    public async Task Should_end_when_its_time_is_over_also_while_it_is_suspended()
    {
        var deadline = await Peers.DeadlineAsync(_grant, DeadlineKinds.Expiry);
        await SuspendedAsync();

        await World.SendTwiceAsync(Answers.Reached(deadline));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Revoking));
        await World.ObserveAsync(_actor.First);
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Ended));
    }

    [Test]
    public async Task Should_not_come_back_when_its_time_was_over_before_the_answer()
    {
        await SuspendedAsync();
        await World.CommandAsync(_grant, "resume", "lee@example.com");
        var question = await Peers.QuestionAsync(_grant, 2);
        World.Clock.Advance(TimeSpan.FromMinutes(61));
        await World.SendAsync(Answers.Of(question, Outcome.Permit));

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 3), Outcome.Permit));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Suspended));
        Assert.That((await LastHoldingAsync()).Leases, Is.Empty);
    }

    [Test]
    public async Task Should_leave_another_grant_of_the_same_access_alone()
    {
        var other = await World.ActiveAsync(_actor);

        await World.CommandAsync(_grant, "suspend", "kim@example.com");
        Assert.That((await LastHoldingAsync()).Leases.Select(l => l.GrantId), Is.EqualTo(new[] { other }));
        await World.ObserveAsync(_actor.First, direct: true);

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Suspended));
        Assert.That(await World.StateAsync(other), Is.EqualTo(GrantState.Active));
        var (_, history) = await World.GetAsync($"/v1/grants/{_grant}/history");
        Assert.That((string?)history["events"]!.AsArray()[^1]!["data"]!["stillHeldBy"]![0], Is.EqualTo(other.ToString()));
    }

    [Test]
    public async Task Should_still_count_as_held_and_not_as_a_right_that_others_stand_on()
    {
        var relying = Requests.Of(_actor, principal: _actor.Second) with { OnBehalfOf = [_actor.First] };
        await SuspendedAsync();
        await World.SendAsync(relying);

        var facts = Answers.FactsOf(await Peers.QuestionAsync(relying.GrantId));
        Assert.That(facts.Actor!.Held, Does.Contain(TestCatalog.Readonly));
        Assert.That(facts.Delegation!.Single().HeldUntil, Is.Null);
    }

    [Test]
    public async Task Should_be_asked_for_again_after_a_message_was_lost()
    {
        await World.CommandAsync(_grant, "suspend", "kim@example.com");
        var before = (await World.RevisionsAsync(_actor.First)).Count;
        World.Clock.Advance(TimeSpan.FromMinutes(1));

        await World.Service.RedriveAsync();

        await Testing.Eventually.Until(async () => await World.EventsAsync(_grant), Does.Contain("grant-redriven.v1"));
        Assert.That((await World.RevisionsAsync(_actor.First)).Count, Is.EqualTo(before), "what is asked for is the same");
        await World.ObserveAsync(_actor.First);
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Suspended));
    }

    private async Task SuspendedAsync()
    {
        await World.CommandAsync(_grant, "suspend", "kim@example.com");
        await World.ObserveAsync(_actor.First);
        await World.ReachAsync(_grant, GrantState.Suspended);
    }

    private async Task<ReconcileHolding> LastHoldingAsync() =>
        await Peers.HoldingAsync(_actor.First, (await World.RevisionsAsync(_actor.First))[^1]);

    private async Task<DateTimeOffset> EndAsync() =>
        (await World.GetAsync($"/v1/grants/{_grant}")).Body["expiresAt"]!.GetValue<DateTimeOffset>();
}
