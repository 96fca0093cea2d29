using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.Tickets;

public sealed class When_a_ticket_changes : WorldFixture
{
    private Actor _actor = null!;
    private string _key = "";

    [SetUp]
    public void TakeTicket()
    {
        _actor = TestCatalog.NextActor();
        _key = "RITM-" + Guid.NewGuid();
    }

    [Test]
    public async Task Should_end_access_that_is_bound_to_it_when_it_closes()
    {
        var grant = await GrantAsync(bound: true, GrantState.Active);

        await World.SendTwiceAsync(Changed("closed complete", closed: true));

        await World.ReachAsync(grant, GrantState.Revoking);
        Assert.That(
            await World.ScalarAsync<string>("select data ->> 'endReason' from lifecycle.mt_doc_grant where id = $1", grant),
            Is.EqualTo("ticket-closed")
        );
    }

    [TestCase(GrantState.AwaitingApproval)]
    [TestCase(GrantState.Scheduled)]
    public async Task Should_deny_what_waits_and_is_bound_to_it_when_it_closes(string state)
    {
        var grant = await GrantAsync(bound: true, state);

        await World.SendAsync(Changed("cancelled", closed: true));

        await World.ReachAsync(grant, GrantState.Denied);
    }

    [Test]
    public async Task Should_have_access_decided_again_that_is_not_bound_to_it()
    {
        var grant = await GrantAsync(bound: false, GrantState.Active);

        await World.SendAsync(Changed("closed complete", closed: true));

        var question = await Peers.QuestionAsync(grant, 2);
        Assert.That(question.Purpose, Is.EqualTo(DecisionPurpose.Retain));
        Assert.That(Answers.FactsOf(question).Request.Ticket!.State, Is.EqualTo("closed complete"));
        await World.SendAsync(Answers.Of(question, Outcome.Forbid));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Revoking), "no sweep asked: it goes at once");
    }

    [Test]
    public async Task Should_have_a_request_decided_again_that_waits_for_people()
    {
        var grant = await GrantAsync(bound: false, GrantState.AwaitingApproval);

        await World.SendAsync(Changed("rejected", closed: false));

        Assert.That(Answers.FactsOf(await Peers.QuestionAsync(grant, 2)).Request.Ticket!.State, Is.EqualTo("rejected"));
    }

    [Test]
    public async Task Should_not_be_believed_when_it_is_only_claimed()
    {
        var grant = await GrantAsync(bound: true, GrantState.Active);

        await World.SendAsync(Changed("closed", closed: true, Assurance.Claimed));

        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Active));
        Assert.That(World.Service.Log.Of("TicketNotBelieved"), Is.Not.Empty);
    }

    [Test]
    public async Task Should_be_no_news_when_something_later_is_known()
    {
        var grant = await GrantAsync(bound: true, GrantState.Active);
        await World.SendAsync(Changed("reopened", closed: false));
        await Peers.QuestionAsync(grant, 2);

        await World.SendAsync(Changed("closed", closed: true, before: TimeSpan.FromSeconds(1)));

        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Active));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_be_closed_by_one_of_two_changes_at_the_same_moment(bool closedFirst)
    {
        var grant = await GrantAsync(bound: true, GrantState.Active);
        var first = Changed("resolved", closed: closedFirst);

        await World.SendAsync(first);
        await World.SendAsync(Changed("resolved", closed: !closedFirst) with { ChangedAt = first.ChangedAt });

        await World.ReachAsync(grant, GrantState.Revoking);
    }

    [Test]
    public async Task Should_count_for_a_request_that_was_received_before_and_arrives_after()
    {
        await World.SendAsync(Changed("closed", closed: true));

        var request = Request();
        await World.SendAsync(request);

        var question = await Peers.QuestionAsync(request.GrantId);
        Assert.That(Answers.FactsOf(question).Request.Ticket!.State, Is.EqualTo("closed"));
        await World.SendAsync(Answers.Of(question, Outcome.Permit, Bound(true)));
        Assert.That(await World.StateAsync(request.GrantId), Is.EqualTo(GrantState.Denied), "bound to a ticket that is closed");
    }

    [TestCase(true, Assurance.Claimed, "changed")]
    [TestCase(true, Assurance.Verified, "changed", Description = "closed until its system says otherwise")]
    [TestCase(false, Assurance.Claimed, "changed")]
    [TestCase(false, Assurance.Verified, "approved")]
    public async Task Should_outweigh_what_a_later_request_says(bool closed, Assurance assurance, string seen)
    {
        await World.SendAsync(Changed("changed", closed));

        var request = Request() with { ReceivedAt = World.Clock.Now().AddMinutes(1) };
        request = request with { Ticket = request.Ticket! with { Assurance = assurance } };
        await World.SendAsync(request);

        var ticket = Answers.FactsOf(await Peers.QuestionAsync(request.GrantId)).Request.Ticket!;
        Assert.That((ticket.State, ticket.Assurance), Is.EqualTo((seen, Assurance.Verified)));
    }

    private async Task<Guid> GrantAsync(bool bound, string state)
    {
        var request = Request() with { NotBefore = state == GrantState.Scheduled ? World.Clock.Now().AddHours(2) : null };
        await World.SendAsync(request);
        var outcome = state == GrantState.AwaitingApproval ? Outcome.ApprovalRequired : Outcome.Permit;
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), outcome, Bound(bound)));
        if (state == GrantState.Active)
        {
            await World.ObserveAsync(_actor.First);
        }

        Assert.That(await World.StateAsync(request.GrantId), Is.EqualTo(state));
        return request.GrantId;
    }

    private AccessRequested Request()
    {
        var request = Requests.Of(_actor);
        return request with { Ticket = request.Ticket! with { Key = _key }, ReceivedAt = World.Clock.Now().AddMinutes(-1) };
    }

    private static Func<Decision, Decision> Bound(bool bound) => d => d with { Obligations = new Obligations { BoundToTicket = bound } };

    private TicketChanged Changed(string state, bool closed, Assurance assurance = Assurance.Verified, TimeSpan before = default) =>
        new()
        {
            Source = Requests.Source,
            EventId = Guid.NewGuid().ToString(),
            Ticket = new RequestedTicket
            {
                System = "servicenow",
                Key = _key,
                State = state,
                Assurance = assurance,
            },
            Closed = closed,
            ChangedAt = World.Clock.Now() - before,
            Via = "amqp",
            Actor = Requests.Person("p-none"),
            ReceivedAt = World.Clock.Now(),
        };
}
