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
        Assert.That(Answers.FactsOf(question).Request.Ticket!.State, Is.EqualTo("closed"));
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

    [TestCase(2, Description = "a clock or a time zone that is wrong")]
    [TestCase(23)]
    public async Task Should_end_access_when_it_closes_though_an_earlier_change_was_dated_ahead(int hours)
    {
        var grant = await GrantAsync(bound: true, GrantState.Active);
        await World.SendAsync(Changed("in progress", closed: false, before: TimeSpan.FromHours(-hours)));
        await Peers.QuestionAsync(grant, 2);

        await World.SendAsync(Changed("closed complete", closed: true));

        await World.ReachAsync(grant, GrantState.Revoking);
    }

    [TestCase(-1, Description = "the sender has opened it again since")]
    [TestCase(-86400)]
    [TestCase(86400)]
    public async Task Should_end_what_was_requested_before_it_closed_whatever_its_time(int seconds)
    {
        var grant = await GrantAsync(bound: true, GrantState.Active);
        await World.SendAsync(Changed("reopened", closed: false));
        await Peers.QuestionAsync(grant, 2);

        await World.SendAsync(Changed("closed", closed: true, before: TimeSpan.FromSeconds(-seconds)));

        await World.ReachAsync(grant, GrantState.Revoking);
    }

    [Test]
    public async Task Should_leave_what_was_requested_after_a_close_that_comes_late()
    {
        var close = Changed("closed", closed: true, before: TimeSpan.FromMinutes(2)) with { ReceivedAt = World.Clock.Now().AddMinutes(-2) };
        await World.SendAsync(Changed("reopened", closed: false));
        var grant = await GrantAsync(bound: true, GrantState.Active);

        await World.SendTwiceAsync(close);

        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Active));
    }

    [Test]
    public async Task Should_open_again_only_by_who_closed_it_and_not_with_a_time_to_come()
    {
        await World.SendAsync(Changed("closed", closed: true, before: TimeSpan.FromSeconds(3)));
        await IgnoredAsync(Changed("reopened", closed: false) with { Source = "https://itsm.example.com/jira" }, "closed-by-another");
        await IgnoredAsync(Changed("reopened", closed: false, before: TimeSpan.FromHours(-2)), "in-the-future");
        await IgnoredAsync(Changed("reopened", closed: false, before: TimeSpan.FromSeconds(4)), "older");
        Assert.That(await IsClosedAsync(), Is.EqualTo("true"));

        await World.SendAsync(Changed("reopened", closed: false));

        Assert.That(await IsClosedAsync(), Is.EqualTo("false"));
    }

    [Test]
    public async Task Should_stay_closed_while_one_of_two_who_closed_it_has_not_opened_it_again()
    {
        await World.SendAsync(Changed("closed", closed: true));
        await World.SendAsync(Changed("closed", closed: true) with { Source = "https://itsm.example.com/jira" });

        await World.SendAsync(Changed("reopened", closed: false));

        Assert.That(await IsClosedAsync(), Is.EqualTo("true"));
    }

    [Test]
    public async Task Should_go_on_from_a_record_of_before_senders_were_kept()
    {
        await World.SendAsync(Changed("closed", closed: true));
        await World.ScalarAsync<int>(
            "update lifecycle.mt_doc_ticketstatus set data = data - 'senders' - 'number' - 'receivedAt' - 'closedAt' - 'heard' where data -> 'ticket' ->> 'key' = $1 returning 1",
            _key
        );

        await IgnoredAsync(Changed("reopened", closed: false) with { Source = "https://itsm.example.com/jira" }, "closed-by-another");
        await World.SendAsync(Changed("reopened", closed: false));

        Assert.That(await IsClosedAsync(), Is.EqualTo("false"));
    }

    [TestCase("closed complete", "closed")]
    [TestCase("Resolved", "closed")]
    [TestCase("work in progress", "work in progress")]
    [TestCase("quite all right", "quite all right")]
    public async Task Should_be_seen_by_policies_as_what_its_state_means(string state, string seen)
    {
        var request = Request();
        request = request with { Ticket = request.Ticket! with { State = state.ToLowerInvariant() } };
        await World.SendAsync(request);

        Assert.That(Answers.FactsOf(await Peers.QuestionAsync(request.GrantId)).Request.Ticket!.State, Is.EqualTo(seen));
    }

    [Test]
    public async Task Should_alert_on_a_state_that_nobody_knows_and_close_when_it_is_flagged_so()
    {
        var grant = await GrantAsync(bound: true, GrantState.Active);

        await World.SendAsync(Changed("gone fishing", closed: true));

        await World.ReachAsync(grant, GrantState.Revoking);
        Assert.That(World.Service.Log.Of("TicketStateUnknown"), Is.Not.Empty);
        Assert.That(
            await World.EventsAsync(Lifecycle.Tickets.TicketStatus.IdOf("servicenow", _key)),
            Is.EqualTo(new[] { "ticket-reported.v1", "ticket-state-unknown.v1" })
        );
        var request = Request();
        request = request with { Ticket = request.Ticket! with { State = "gone fishing" } };
        await World.SendAsync(request);
        Assert.That(await World.EventsAsync(request.GrantId), Does.Contain("ticket-state-unknown.v1"));
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

    [TestCase(true, Assurance.Claimed, "closed")]
    [TestCase(true, Assurance.Verified, "closed", Description = "closed until its system says otherwise")]
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

    [Test]
    public async Task Should_end_access_that_was_requested_under_another_spelling_of_its_name()
    {
        var grant = await GrantAsync(bound: true, GrantState.Active);

        await World.SendTwiceAsync(Spelled(Changed("closed", closed: true)));

        await World.ReachAsync(grant, GrantState.Revoking);
        Assert.That(
            await World.ScalarAsync<string>("select data -> 'ticket' ->> 'key' from lifecycle.mt_doc_grant where id = $1", grant),
            Is.EqualTo(_key),
            "as it was sent"
        );
    }

    [TestCase(true, "closed")]
    [TestCase(false, "changed")]
    public async Task Should_be_heard_by_a_later_request_under_another_spelling_of_its_name(bool closed, string seen)
    {
        await World.SendAsync(Spelled(Changed("changed", closed)));

        var request = Request() with { ReceivedAt = World.Clock.Now().AddMinutes(1) };
        request = request with { Ticket = request.Ticket! with { Assurance = Assurance.Claimed } };
        await World.SendAsync(request);

        var ticket = Answers.FactsOf(await Peers.QuestionAsync(request.GrantId)).Request.Ticket!;
        Assert.That((ticket.State, ticket.Key), Is.EqualTo((seen, _key)));
    }

    [Test]
    public async Task Should_go_on_from_a_stream_of_each_spelling()
    {
        await KeptBySpellingAsync(Changed("closed", closed: true, before: TimeSpan.FromSeconds(3)));

        var request = Request() with { ReceivedAt = World.Clock.Now().AddMinutes(1) };
        request = request with { Ticket = request.Ticket! with { Key = _key.ToLowerInvariant() } };
        await World.SendAsync(request);
        Assert.That(Answers.FactsOf(await Peers.QuestionAsync(request.GrantId)).Request.Ticket!.State, Is.EqualTo("closed"));

        await IgnoredAsync(Changed("reopened", closed: false) with { Source = "https://itsm.example.com/jira" }, "closed-by-another");
        await World.SendAsync(Spelled(Changed("reopened", closed: false)));

        var later = Request() with { ReceivedAt = World.Clock.Now().AddMinutes(1) };
        await World.SendAsync(later);
        Assert.That(Answers.FactsOf(await Peers.QuestionAsync(later.GrantId)).Request.Ticket!.State, Is.EqualTo("approved"));
    }

    [Test]
    public async Task Should_be_found_by_an_index_whatever_its_spelling() =>
        Assert.That(
            await World.ScalarAsync<string>(
                "select string_agg(indexdef, ';') from pg_indexes where schemaname = 'lifecycle' and tablename = 'mt_doc_ticketstatus'"
            ),
            Does.Contain("lower(((data -> 'ticket'::text) ->> 'key'::text))")
        );

    /// <summary>As an earlier version kept it: in a stream of its exact spelling.</summary>
    private async Task KeptBySpellingAsync(TicketChanged change)
    {
        await World.SendAsync(change);
        var exact = NameBasedUuid.Create(NameBasedUuid.GovernanceNamespace, $"ticket\nservicenow\n{_key}");
        Assert.That(
            await World.ScalarAsync<long>(
                """
                with stream as (
                    insert into lifecycle.mt_streams select (jsonb_populate_record(s, jsonb_build_object('id', $2::uuid))).*
                    from lifecycle.mt_streams s where id = $1 returning 1),
                events as (update lifecycle.mt_events set stream_id = $2 where stream_id = $1 returning 1),
                record as (
                    update lifecycle.mt_doc_ticketstatus set id = $2, data = jsonb_set(data, '{id}', to_jsonb($2::text)) where id = $1 returning 1),
                old as (delete from lifecycle.mt_streams where id = $1 returning 1)
                select (select count(*) from stream) + (select count(*) from events) + (select count(*) from record) + (select count(*) from old)
                """,
                Lifecycle.Tickets.TicketStatus.IdOf("servicenow", _key),
                exact
            ),
            Is.EqualTo(4)
        );
    }

    private TicketChanged Spelled(TicketChanged change) =>
        change with
        {
            Ticket = change.Ticket with { System = "ServiceNow", Key = _key.ToLowerInvariant() },
        };

    /// <summary>It changes nothing, and says so, once.</summary>
    private async Task IgnoredAsync(TicketChanged change, string reason)
    {
        await World.SendTwiceAsync(change);

        Assert.That(
            await World.ScalarAsync<string>(
                "select string_agg(data ->> 'reason', ',') from lifecycle.mt_events where stream_id = $1 and data ->> 'eventId' = $2",
                Lifecycle.Tickets.TicketStatus.IdOf("servicenow", _key),
                change.EventId
            ),
            Is.EqualTo(reason)
        );
        Assert.That(World.Service.Log.Of("TicketChangeIgnored").Select(e => e.Message), Has.Some.Contains(change.EventId));
    }

    private Task<string?> IsClosedAsync() =>
        World.ScalarAsync<string>(
            "select data ->> 'closed' from lifecycle.mt_doc_ticketstatus where data -> 'ticket' ->> 'key' = $1",
            _key
        );

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
