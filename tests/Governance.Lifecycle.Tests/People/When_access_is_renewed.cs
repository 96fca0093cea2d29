using System.Net;
using System.Text.Json.Nodes;
using Governance.Contracts.Decisions;
using Governance.Contracts.Expiry;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.People;

/// <summary>Access of an hour, three quarters of an hour later.</summary>
public sealed class When_access_is_renewed : WorldFixture
{
    private static readonly object Hour = new { duration = "PT1H", justification = "the load is not done" };
    private Actor _actor = null!;
    private Guid _grant;
    private DateTimeOffset _end;

    [SetUp]
    public async Task BeginAsync()
    {
        _actor = TestCatalog.NextActor();
        _grant = await World.ActiveAsync(_actor);
        _end = await EndAsync();
        World.Clock.Advance(TimeSpan.FromMinutes(45));
    }

    [Test]
    public async Task Should_be_decided_afresh_as_the_renewal_that_it_is()
    {
        var (status, view) = await RenewAsync(new { duration = "PT30M", justification = "half is enough" });

        var question = await Peers.QuestionAsync(_grant, 2);
        var facts = Answers.FactsOf(question);
        Assert.That((status, (string?)view["renewal"]!["status"]), Is.EqualTo((HttpStatusCode.OK, "deciding")));
        Assert.That(question.Purpose, Is.EqualTo(DecisionPurpose.Renew));
        Assert.That(
            (facts.Request.Duration, facts.Request.Requester, facts.Request.RequesterAssurance, facts.Request.Revision),
            Is.EqualTo((TimeSpan.FromMinutes(30), _actor.HumanId, Governance.Contracts.Decisions.Assurance.Verified, (int?)2))
        );
        Assert.That(await EndAsync(), Is.EqualTo(_end), "nothing lasts longer before it is decided");
    }

    [Test]
    public async Task Should_last_longer_by_a_lease_that_replaces_the_old_one_in_one_step()
    {
        await RenewAsync(Hour);
        var revisions = await World.RevisionsAsync(_actor.First);

        await World.SendTwiceAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.Permit));

        var end = await EndAsync();
        Assert.That(end, Is.GreaterThan(_end + TimeSpan.FromMinutes(40)).And.LessThanOrEqualTo(World.Clock.GetUtcNow().AddHours(1)));
        var told = (await World.RevisionsAsync(_actor.First)).Except(revisions).ToList();
        Assert.That(told, Has.Count.EqualTo(1), "once, however often it is answered");
        var holding = await Peers.HoldingAsync(_actor.First, told[0]);
        Assert.That(holding.Leases, Is.EqualTo(new[] { new Lease(_grant, end) }));
        var (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That((string?)view["renewal"]!["status"], Is.EqualTo("renewed"));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Active));
    }

    [Test]
    public async Task Should_not_end_at_the_old_end_any_more()
    {
        var old = await Peers.DeadlineAsync(_grant, DeadlineKinds.Expiry);
        await RenewedAsync();

        await World.SendAsync(Answers.Reached(old));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Active));
        var now = Peers.Deadlines(_grant, DeadlineKinds.Expiry)[^1];
        Assert.That(now.Due, Is.EqualTo(await EndAsync()));
        await World.SendAsync(Answers.Reached(now));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Revoking));
    }

    [Test]
    public async Task Should_cut_neither_itself_nor_another_that_overlaps()
    {
        var other = await World.ActiveAsync(_actor);
        var otherEnd = (await World.GetAsync($"/v1/grants/{other}")).Body["expiresAt"]!.GetValue<DateTimeOffset>();
        await RenewedAsync();

        var revision = (await World.RevisionsAsync(_actor.First))[^1];
        Assert.That(
            (await Peers.HoldingAsync(_actor.First, revision)).Leases,
            Is.EquivalentTo(new[] { new Lease(_grant, await EndAsync()), new Lease(other, otherEnd) })
        );

        await World.CommandAsync(other, "revoke", "kim@example.com");
        await World.ObserveAsync(_actor.First, direct: true);
        Assert.That(await World.StateAsync(other), Is.EqualTo(GrantState.Ended));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Active));
    }

    [Test]
    public async Task Should_be_asked_for_once_by_the_same_key()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RenewAsync(Hour, key: "same")));

        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.OK));
        Assert.That((await World.EventsAsync(_grant)).Count(e => e == "renewal-requested.v1"), Is.EqualTo(1));
        await RefusedAsync(await RenewAsync(Hour, key: "another"), HttpStatusCode.Conflict, "being-renewed");
    }

    [Test]
    public async Task Should_say_who_may_and_when()
    {
        await RefusedAsync(await RenewAsync(Hour, "lee@example.com"), HttpStatusCode.Forbidden, "not-a-renewer");
        await RefusedAsync(await RenewAsync(new { justification = " " }), HttpStatusCode.BadRequest, "invalid");
        await RefusedAsync(await RenewAsync(new { duration = "PT1H" }), HttpStatusCode.BadRequest, "invalid");
        await RefusedAsync(
            await RenewAsync(new { duration = "PT5M", justification = "short" }),
            HttpStatusCode.BadRequest,
            "nothing-gained"
        );
        var early = await World.ActiveAsync(_actor, principal: _actor.Second);
        var (status, problem) = await World.CommandAsync(early, "renew", _actor.HumanName, body: Hour);
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "too-early-to-renew")));
        var (_, view) = await World.GetAsync($"/v1/grants/{early}");
        Assert.That((string?)problem["detail"], Does.Contain((string?)view["renewableFrom"]), "it says from when on");
        Assert.That((await World.EventsAsync(_grant)).Count(e => e == "renewal-requested.v1"), Is.Zero);
    }

    [Test]
    public async Task Should_not_be_for_emergencies()
    {
        var request = Requests.Of(_actor, principal: _actor.Second) with { Emergency = true };
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.Permit));
        await World.ObserveAsync(_actor.Second);
        World.Clock.Advance(TimeSpan.FromMinutes(45));

        var (status, problem) = await World.CommandAsync(request.GrantId, "renew", _actor.HumanName, body: Hour);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "emergency-not-renewable")));
    }

    [Test]
    public async Task Should_leave_what_is_there_when_it_is_forbidden()
    {
        await RenewAsync(Hour);

        await World.SendTwiceAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.Forbid));

        var (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That(
            ((string?)view["state"], (string?)view["renewal"]!["status"], (string?)view["renewal"]!["reasons"]![0]),
            Is.EqualTo(("active", "refused", "forbidden"))
        );
        Assert.That((string?)view["decision"]!["outcome"], Is.EqualTo("permit"), "it stands on what gave it");
        Assert.That(await EndAsync(), Is.EqualTo(_end));
        Assert.That((await RenewAsync(Hour)).Status, Is.EqualTo(HttpStatusCode.OK), "and may be asked for again");
    }

    [Test]
    public async Task Should_say_which_permit_came_nearest_or_which_policy_refused_it()
    {
        await RenewAsync(Hour);
        await World.SendTwiceAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.Forbid, Answers.WithoutPermit));
        var (_, lacking) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That(
            ((string?)lacking["renewal"]!["nearest"]!["policy"], (string?)lacking["renewal"]!["nearest"]!["lacked"]![0]),
            Is.EqualTo(("readers", "duration at most PT4H, asked PT8H"))
        );
        Assert.That(lacking["decision"]!["nearest"], Is.Null, "what it stands on lacked nothing");

        await RenewAsync(Hour);
        var (_, asked) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That(asked["renewal"]!["nearest"], Is.Null, "that was about the one before");
        await World.SendTwiceAsync(Answers.Of(await Peers.QuestionAsync(_grant, 3), Outcome.Forbid, Answers.Frozen));

        var (_, frozen) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That((string?)frozen["renewal"]!["because"]![0]!["policy"], Is.EqualTo("freeze"));
        Assert.That((string?)frozen["renewal"]!["because"]![0]!["reason"], Does.StartWith("Nothing changes before"));
    }

    [Test]
    public async Task Should_wait_for_approvers_and_last_as_it_was_meanwhile()
    {
        await RenewAsync(Hour);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.ApprovalRequired));
        var (_, waiting) = await World.GetAsync("/v1/approvals?mine", "lee@example.com");
        var mine = waiting["approvals"]!.AsArray().Single(a => (Guid?)a!["id"] == _grant)!;
        Assert.That(((string?)mine["purpose"], (int?)mine["revision"]), Is.EqualTo(("renew", 2)));
        Assert.That(mine["until"]!.GetValue<DateTimeOffset>(), Is.EqualTo(_end));
        await RefusedAsync(
            await World.CommandAsync(_grant, "approve", _actor.HumanName),
            HttpStatusCode.Forbidden,
            "approver-is-requester"
        );

        await RefusedAsync(await World.CommandAsync(_grant, "approve", "lee@example.com"), HttpStatusCode.Conflict, "other-revision");
        Assert.That(
            (await World.CommandAsync(_grant, "approve", "lee@example.com", body: new { revision = 2 })).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
        var question = await Peers.QuestionAsync(_grant, 3);
        Assert.That(
            Answers.FactsOf(question).Approvals.Select(a => (a.Approver, a.Revision)),
            Is.EqualTo(new[] { (TestCatalog.Lee, (int?)2) })
        );
        Assert.That(await EndAsync(), Is.EqualTo(_end));

        await World.SendAsync(Answers.Of(question, Outcome.Permit, discharged: true));
        Assert.That(await EndAsync(), Is.GreaterThan(_end));
        Assert.That((await World.GetAsync($"/v1/grants/{_grant}")).Body["gates"], Is.Null);
    }

    [Test]
    public async Task Should_be_over_when_an_approver_rejects_it()
    {
        await RenewAsync(Hour);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.ApprovalRequired));

        Assert.That((await World.CommandAsync(_grant, "reject", "lee@example.com")).Status, Is.EqualTo(HttpStatusCode.OK));

        var (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That(((string?)view["state"], (string?)view["renewal"]!["status"]), Is.EqualTo(("active", "refused")));
        await RefusedAsync(await World.CommandAsync(_grant, "approve", "lee@example.com"), HttpStatusCode.Conflict, "not-in-state");
    }

    [Test]
    public async Task Should_not_outlive_a_grant_that_ends_while_it_is_decided()
    {
        var old = await Peers.DeadlineAsync(_grant, DeadlineKinds.Expiry);
        await RenewAsync(Hour);
        var question = await Peers.QuestionAsync(_grant, 2);

        await World.SendAsync(Answers.Reached(old));
        await World.SendAsync(Answers.Of(question, Outcome.Permit));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Revoking));
        Assert.That(await World.EventsAsync(_grant), Does.Not.Contain("grant-renewed.v1"));
        Assert.That((string?)(await World.GetAsync($"/v1/grants/{_grant}")).Body["renewal"]!["status"], Is.EqualTo("lapsed"));
    }

    [Test]
    public async Task Should_not_bring_back_what_is_over_and_was_not_ended_yet()
    {
        await RenewAsync(Hour);
        World.Clock.Advance(TimeSpan.FromMinutes(16));
        // The answer is too old by then, so it is asked again.
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.Permit));

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 3), Outcome.Permit));

        var (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That((string?)view["renewal"]!["reasons"]![0], Is.EqualTo("already-over"));
        Assert.That(await EndAsync(), Is.EqualTo(_end));
    }

    [Test]
    public async Task Should_be_asked_when_whether_it_may_stay_is_answered()
    {
        await RenewAsync(Hour);
        var renewal = await Peers.QuestionAsync(_grant, 2);
        await World.SendAsync(new ReconsiderGrant { GrantId = _grant, Cause = EvaluationCause.Delegation });
        var retention = await Peers.QuestionAsync(_grant, 3);

        await World.SendAsync(Answers.Of(renewal, Outcome.Permit));
        Assert.That(await EndAsync(), Is.EqualTo(_end), "whether it may stay comes first");
        await World.SendAsync(Answers.Of(retention, Outcome.Permit));

        var again = await Peers.QuestionAsync(_grant, 4);
        Assert.That(again.Purpose, Is.EqualTo(DecisionPurpose.Renew));
        await World.SendAsync(Answers.Of(again, Outcome.Permit));
        Assert.That(await EndAsync(), Is.GreaterThan(_end));
    }

    [Test]
    public async Task Should_be_refused_when_policy_can_not_decide()
    {
        await RenewAsync(Hour);
        for (var i = 0; i < GrantTransitions.MaxFaultedEvaluations; i++)
        {
            var question = await Peers.QuestionAsync(_grant, 2 + i);
            await World.SendAsync<MassTransit.Fault<EvaluateAccess>>(new Machine.PolicyFault(question));
            World.Clock.Advance(TimeSpan.FromMinutes(1));
            await World.Service.RedriveAsync();
        }

        await Testing.Eventually.Until(
            async () => (string?)(await World.GetAsync($"/v1/grants/{_grant}")).Body["renewal"]!["status"],
            Is.EqualTo("refused")
        );
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Active));
    }

    private async Task RenewedAsync()
    {
        await RenewAsync(Hour);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.Permit));
        Assert.That(await EndAsync(), Is.GreaterThan(_end));
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> RenewAsync(object body, string? who = null, string? key = null) =>
        World.CommandAsync(_grant, "renew", who ?? _actor.HumanName, key, body);

    private async Task<DateTimeOffset> EndAsync() =>
        (await World.GetAsync($"/v1/grants/{_grant}")).Body["expiresAt"]!.GetValue<DateTimeOffset>();

    private static Task RefusedAsync((HttpStatusCode Status, JsonNode Body) answer, HttpStatusCode status, string code)
    {
        Assert.That((answer.Status, (string?)answer.Body["code"]), Is.EqualTo((status, code)));
        return Task.CompletedTask;
    }
}
