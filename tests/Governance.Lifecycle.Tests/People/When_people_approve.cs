using System.Net;
using Governance.Contracts.Decisions;
using Governance.Contracts.Expiry;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.People;

public sealed class When_people_approve : WorldFixture
{
    private Actor _actor = null!;
    private Guid _grant;

    [SetUp]
    public async Task WaitForApprovalAsync()
    {
        _actor = TestCatalog.NextActor();
        var request = Requests.Of(_actor, TestCatalog.Writer) with { Requester = TestCatalog.Omar };
        _grant = request.GrantId;
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant), Outcome.ApprovalRequired));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.AwaitingApproval));
    }

    [TestCase("omar@example.com", "approver-is-requester")]
    [TestCase("owner", "approver-is-beneficiary")]
    [TestCase("svc-reporting", "approver-not-human")]
    [TestCase("kim@example.com", "not-an-approver")]
    public async Task Should_refuse_who_may_not(string who, string code)
    {
        foreach (var verb in new[] { "approve", "reject" })
        {
            var (status, problem) = await World.CommandAsync(_grant, verb, who == "owner" ? _actor.HumanName : who);

            Assert.That(status, Is.EqualTo(HttpStatusCode.Forbidden));
            Assert.That((string?)problem["code"], Is.EqualTo(code));
        }

        Assert.That((await World.EventsAsync(_grant))[^1], Is.EqualTo("deadline-set.v1"), "nothing was recorded");
    }

    [Test]
    public async Task Should_refuse_a_requester_who_acts_by_an_identity()
    {
        var request = Requests.Of(_actor, TestCatalog.Writer, "svc-reporting") with { Requester = _actor.First };
        await World.SendAsync(request);

        var (status, problem) = await World.CommandAsync(request.GrantId, "approve", _actor.HumanName);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "approver-is-requester")));
    }

    [TestCase(TestCatalog.Omar, "omar@example.com", "lee@example.com", Description = "who called")]
    [TestCase("svc-omar", "omar@example.com", "lee@example.com", Description = "whose service account called")]
    [TestCase("broker:svc-omar", "omar@example.com", "lee@example.com", Description = "whose service account published")]
    [TestCase("broker:omar@example.com", "omar@example.com", "lee@example.com", Description = "who published")]
    [TestCase("broker:jira", "lee@example.com", "omar@example.com", Description = "who answers for the integration that published")]
    public async Task Should_refuse_who_stands_behind_the_sender(string sender, string behind, string other)
    {
        var request = Requests.Of(_actor, TestCatalog.Writer, _actor.Second) with { Actor = Requests.Person(sender) };
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.ApprovalRequired));

        Assert.That(await WaitsForAsync(behind, request.GrantId), Is.False);
        foreach (var verb in new[] { "approve", "reject" })
        {
            var (status, problem) = await World.CommandAsync(request.GrantId, verb, behind);
            Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "approver-is-sender")));
        }

        Assert.That(await WaitsForAsync(other, request.GrantId), Is.True);
        Assert.That((await World.CommandAsync(request.GrantId, "approve", other)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Should_tell_policy_and_people_who_sent_it()
    {
        var request = Requests.Of(_actor, TestCatalog.Writer, _actor.Second) with { Actor = Requests.Person("svc-omar") };
        await World.SendAsync(request);

        var facts = Answers.FactsOf(await Peers.QuestionAsync(request.GrantId));
        Assert.That(facts.Request.SentBy, Is.EqualTo(new[] { "svc-omar" }));
        Assert.That(facts.Principals.Select(p => p.Id), Is.SupersetOf(new[] { "svc-omar", TestCatalog.Omar }));
        var (_, view) = await World.GetAsync($"/v1/grants/{request.GrantId}");
        Assert.That((string?)view["sentBy"]![0], Is.EqualTo("svc-omar"));
    }

    [Test]
    public async Task Should_not_mind_a_sender_whom_nobody_verified()
    {
        var request = Requests.Of(_actor, TestCatalog.Writer, _actor.Second) with
        {
            Actor = Requests.Person(TestCatalog.Omar) with { Assurance = Assurance.Claimed },
        };
        await World.SendAsync(request);

        Assert.That(Answers.FactsOf(await Peers.QuestionAsync(request.GrantId)).Request.SentBy, Is.Null);
        Assert.That((await World.CommandAsync(request.GrantId, "approve", "omar@example.com")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Should_know_the_sender_of_a_request_of_before_that_was_kept()
    {
        var request = Requests.Of(_actor, TestCatalog.Writer, _actor.Second) with { Actor = Requests.Person("svc-omar") };
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.ApprovalRequired));
        await World.ScalarAsync<int>(
            "update lifecycle.mt_doc_grant set data = data - 'sender' - 'sentBy' where id = $1 returning 1",
            request.GrantId
        );

        await World.CommandAsync(request.GrantId, "approve", "lee@example.com");

        Assert.That(Answers.FactsOf(await Peers.QuestionAsync(request.GrantId, 2)).Request.SentBy, Is.EqualTo(new[] { "svc-omar" }));
    }

    [Test]
    public async Task Should_not_be_rejected_before_policy_says_whom_it_asks()
    {
        var request = Requests.Of(_actor, TestCatalog.Writer);
        await World.SendAsync(request);

        var (status, problem) = await World.CommandAsync(request.GrantId, "reject", "lee@example.com");
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "not-asked-yet")));

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.ApprovalRequired));
        Assert.That((await World.CommandAsync(request.GrantId, "reject", "lee@example.com")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await World.StateAsync(request.GrantId), Is.EqualTo(GrantState.Rejected));
    }

    [Test]
    public async Task Should_not_be_rejected_by_anybody_where_nobody_is_asked()
    {
        var request = Requests.Of(_actor) with { NotBefore = World.Clock.Now().AddHours(1) };
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.Permit));
        Assert.That(await World.StateAsync(request.GrantId), Is.EqualTo(GrantState.Scheduled));

        var (status, problem) = await World.CommandAsync(request.GrantId, "reject", "lee@example.com");

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "not-an-approver")));
    }

    [Test]
    public async Task Should_refuse_who_is_acted_for()
    {
        var request = Requests.Of(_actor, TestCatalog.Writer) with { OnBehalfOf = [TestCatalog.Lee] };
        await World.SendAsync(request);
        var question = await Peers.QuestionAsync(request.GrantId);
        Assert.That(Answers.FactsOf(question).Request.DelegationAssurance, Is.EqualTo(Assurance.Claimed), "nobody vouches for it");
        await World.SendAsync(Answers.Of(question, Outcome.ApprovalRequired));

        foreach (var verb in new[] { "approve", "reject" })
        {
            var (status, problem) = await World.CommandAsync(request.GrantId, verb, "lee@example.com");
            Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "approver-is-acted-for")));
        }

        Assert.That((await World.CommandAsync(request.GrantId, "approve", "omar@example.com")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Should_count_one_person_once()
    {
        Assert.That((await World.CommandAsync(_grant, "approve", "lee@example.com", "k1")).Status, Is.EqualTo(HttpStatusCode.OK));
        var version = await World.VersionAsync(_grant);

        Assert.That(
            (await World.CommandAsync(_grant, "approve", "lee@example.com", "k1")).Status,
            Is.EqualTo(HttpStatusCode.OK),
            "the same command again"
        );
        var (status, problem) = await World.CommandAsync(_grant, "approve", "lee@example.com", "k2");

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "already-approved")));
        Assert.That(await World.VersionAsync(_grant), Is.EqualTo(version));
    }

    [Test]
    public async Task Should_have_one_effect_when_the_same_command_comes_many_times_at_once()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => World.CommandAsync(_grant, "approve", "lee@example.com", "same"))
        );

        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.OK));
        Assert.That((await World.EventsAsync(_grant)).Count(e => e == "approval-recorded.v1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_be_decided_with_the_approval()
    {
        await World.CommandAsync(_grant, "approve", "lee@example.com");

        var question = await Peers.QuestionAsync(_grant, 2);
        Assert.That(
            Answers.FactsOf(question).Approvals.Select(a => (a.Approver, a.Assurance)),
            Is.EqualTo(new[] { (TestCatalog.Lee, Assurance.Verified) })
        );
        await World.SendAsync(Answers.Of(question, Outcome.Permit, discharged: true));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Activating));
    }

    [Test]
    public async Task Should_keep_and_count_an_approval_that_comes_while_policy_is_asked()
    {
        var request = Requests.Of(_actor, TestCatalog.Writer);
        await World.SendAsync(request);
        await World.CommandAsync(request.GrantId, "approve", "lee@example.com");

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.ApprovalRequired));

        Assert.That(
            Answers.FactsOf(await Peers.QuestionAsync(request.GrantId, 2)).Approvals.Select(a => a.Approver),
            Is.EqualTo(new[] { TestCatalog.Lee })
        );
    }

    [Test]
    public async Task Should_win_when_committed_before_the_window_ends()
    {
        var window = await Peers.DeadlineAsync(_grant, DeadlineKinds.ApprovalWindow);
        await World.CommandAsync(_grant, "approve", "lee@example.com");
        await World.SendAsync(Answers.Reached(window));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.AwaitingApproval));

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.Permit, discharged: true));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Activating));
    }

    [Test]
    public async Task Should_lapse_when_the_approval_was_not_enough()
    {
        var window = await Peers.DeadlineAsync(_grant, DeadlineKinds.ApprovalWindow);
        await World.CommandAsync(_grant, "approve", "lee@example.com");
        await World.SendAsync(Answers.Reached(window));

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.ApprovalRequired));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Lapsed));
    }

    [Test]
    public async Task Should_lapse_when_the_window_ends_first()
    {
        await World.SendAsync(Answers.Reached(await Peers.DeadlineAsync(_grant, DeadlineKinds.ApprovalWindow)));

        var (status, problem) = await World.CommandAsync(_grant, "approve", "lee@example.com");

        Assert.That((status, (string?)problem["state"]), Is.EqualTo((HttpStatusCode.Conflict, "lapsed")));
        Assert.That(
            await World.ScalarAsync<long>(
                "select count(*) from jsonb_object_keys((select data -> 'claims' from lifecycle.mt_doc_principalledger where data ->> 'principal' = $1))",
                _actor.First
            ),
            Is.Zero
        );
    }

    [Test]
    public async Task Should_lapse_when_the_end_of_the_window_is_never_delivered()
    {
        World.Clock.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(6));

        await World.Service.RedriveAsync();

        await World.ReachAsync(_grant, GrantState.Lapsed);
    }

    [Test]
    public async Task Should_get_a_new_window_when_a_gate_fires_at_the_start()
    {
        var actor = TestCatalog.NextActor();
        var request = Requests.Of(actor, TestCatalog.Writer) with { NotBefore = World.Clock.Now().AddDays(2) };
        var id = request.GrantId;
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(id), Outcome.ApprovalRequired));
        var window = await Peers.DeadlineAsync(id, DeadlineKinds.ApprovalWindow);
        await World.CommandAsync(id, "approve", "lee@example.com");
        await World.SendAsync(Answers.Reached(window));
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(id, 2), Outcome.Permit, discharged: true));
        Assert.That(await World.StateAsync(id), Is.EqualTo(GrantState.Scheduled));
        World.Clock.Advance(TimeSpan.FromDays(2));
        await World.SendAsync(Answers.Reached(await Peers.DeadlineAsync(id, DeadlineKinds.Start)));

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(id, 3), Outcome.ApprovalRequired));

        Assert.That(await World.StateAsync(id), Is.EqualTo(GrantState.AwaitingApproval));
    }

    private async Task<bool> WaitsForAsync(string who, Guid grant) =>
        (await World.GetAsync("/v1/approvals?mine", who)).Body["approvals"]!.AsArray().Any(a => (Guid?)a!["id"] == grant);

    [Test]
    public async Task Should_end_with_a_rejection()
    {
        var (status, grant) = await World.CommandAsync(_grant, "reject", "lee@example.com", body: new { comment = "not this month" });

        Assert.That((status, (string?)grant["state"]), Is.EqualTo((HttpStatusCode.OK, "rejected")));
    }
}
