using System.Net;
using Governance.Contracts;
using Governance.Contracts.Decisions;
using Governance.Contracts.Expiry;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Reviews;

public sealed class When_access_has_to_be_reviewed : WorldFixture
{
    private Actor _actor = null!;

    [SetUp]
    public void TakeActor() => _actor = TestCatalog.NextActor();

    [Test]
    public async Task Should_go_when_nobody_did_in_time()
    {
        var grant = await ActiveAsync();
        var due = await Peers.DeadlineAsync(grant, DeadlineKinds.Review);

        await World.SendTwiceAsync(Answers.Reached(due));

        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Revoking));
        Assert.That((await World.EventsAsync(grant)).Count(e => e == "review-missed.v1"), Is.EqualTo(1));
        Assert.That(World.Service.Log.Of("ReviewMissed"), Is.Not.Empty);
    }

    [Test]
    public async Task Should_stay_when_somebody_did()
    {
        var grant = await ActiveAsync();
        var due = await Peers.DeadlineAsync(grant, DeadlineKinds.Review);

        var (status, _) = await World.CommandAsync(grant, "review", "kim@example.com", body: new { outcome = "keep", comment = "fine" });
        await AnswerAsync(grant, 2, Outcome.Permit);
        await World.SendAsync(Answers.Reached(due));

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((status, (string?)view["review"]!["reviewer"]), Is.EqualTo((HttpStatusCode.OK, "kim@example.com")));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Active));
        var (again, problem) = await World.CommandAsync(grant, "review", "kim@example.com", body: new { outcome = "keep" });
        Assert.That((again, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "nothing-to-review")));
    }

    [Test]
    public async Task Should_still_be_owed_when_policy_does_not_let_the_reviewer()
    {
        var grant = await ActiveAsync();
        await World.CommandAsync(grant, "review", "kim@example.com", "k", new { outcome = "keep" });
        await World.CommandAsync(grant, "review", "kim@example.com", "k", new { outcome = "keep" });
        var question = await Peers.QuestionAsync(grant, 2);
        Assert.That((question.Purpose, Answers.FactsOf(question).Reviewer), Is.EqualTo((DecisionPurpose.Review, "p-90a4c6f2")));

        await World.SendTwiceAsync(Answers.Of(question, Outcome.Forbid));

        Assert.That((await World.EventsAsync(grant)).Count(e => e == "review-refused.v1"), Is.EqualTo(1));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Active));
        Assert.That((await World.GetAsync($"/v1/grants/{grant}")).Body["review"]!["reviewedAt"], Is.Null);
        await World.CommandAsync(grant, "review", "lee@example.com", body: new { outcome = "keep" });
        await AnswerAsync(grant, 3, Outcome.Permit);
        Assert.That((string?)(await World.GetAsync($"/v1/grants/{grant}")).Body["review"]!["reviewer"], Is.EqualTo("lee@example.com"));
    }

    [Test]
    public async Task Should_be_asked_for_again_when_something_else_was_decided_meanwhile()
    {
        var grant = await ActiveAsync();
        await World.CommandAsync(grant, "review", "kim@example.com", body: new { outcome = "keep" });
        await Peers.QuestionAsync(grant, 2);
        await World.SendAsync(new ReconsiderGrant { GrantId = grant, Cause = "delegation" });
        var (status, problem) = await World.CommandAsync(grant, "review", "lee@example.com", body: new { outcome = "keep" });
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "being-decided-again")));

        await AnswerAsync(grant, 3, Outcome.Permit);

        Assert.That((await Peers.QuestionAsync(grant, 4)).Purpose, Is.EqualTo(DecisionPurpose.Review));
        await AnswerAsync(grant, 4, Outcome.Permit);
        Assert.That((string?)(await World.GetAsync($"/v1/grants/{grant}")).Body["review"]!["reviewer"], Is.EqualTo("kim@example.com"));
    }

    [Test]
    public async Task Should_go_when_the_reviewer_says_so()
    {
        var grant = await ActiveAsync();

        await World.CommandAsync(grant, "review", "kim@example.com", "k", new { outcome = "revoke" });
        await World.CommandAsync(grant, "review", "kim@example.com", "k", new { outcome = "revoke" });

        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Revoking));
    }

    [TestCase("owner", "reviewer-is-involved")]
    [TestCase("svc-reporting", "reviewer-not-human")]
    public async Task Should_refuse_who_may_not(string who, string code)
    {
        var grant = await ActiveAsync();

        var (status, problem) = await World.CommandAsync(
            grant,
            "review",
            who == "owner" ? _actor.HumanName : who,
            body: new { outcome = "keep" }
        );

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, code)));
    }

    [Test]
    public async Task Should_refuse_who_sent_the_request()
    {
        var grant = await ActiveAsync(sender: Requests.Person("svc-omar"));

        foreach (var outcome in new[] { "keep", "revoke" })
        {
            var (status, problem) = await World.CommandAsync(grant, "review", "omar@example.com", body: new { outcome });
            Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "reviewer-is-involved")));
        }

        Assert.That(
            (await World.CommandAsync(grant, "review", "kim@example.com", body: new { outcome = "keep" })).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
        Assert.That(Answers.FactsOf(await Peers.QuestionAsync(grant, 2)).Request.SentBy, Is.EqualTo(new[] { "svc-omar" }));
    }

    [Test]
    public async Task Should_be_kept_only_by_who_looked_at_what_there_is_and_go_whatever_they_looked_at()
    {
        var grant = await ActiveAsync();
        // As after an edit, without having to wait for one.
        await World.ScalarAsync<int>(
            "update lifecycle.mt_doc_grant set data = jsonb_set(data, '{revision}', '2') where id = $1 returning 1",
            grant
        );

        foreach (var body in new object[] { new { outcome = "keep" }, new { outcome = "keep", revision = 1 } })
        {
            var (status, problem) = await World.CommandAsync(grant, "review", "kim@example.com", body: body);
            Assert.That(
                (status, (string?)problem["code"], (int?)problem["revision"]),
                Is.EqualTo((HttpStatusCode.Conflict, "other-revision", 2))
            );
        }

        Assert.That(
            (await World.CommandAsync(grant, "review", "kim@example.com", body: new { outcome = "revoke" })).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
    }

    [TestCase(null, "malformed")]
    [TestCase("""{"outcome":"perhaps"}""", "invalid")]
    [TestCase("""{"outcome":"keep","extra":1}""", "invalid")]
    public async Task Should_refuse_a_body_that_says_nothing(string? body, string code)
    {
        var (status, problem) = await World.CommandAsync(await ActiveAsync(), "review", "kim@example.com", body: body);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.BadRequest, code)));
    }

    [Test]
    public async Task Should_owe_nothing_for_ordinary_access_that_is_over()
    {
        var grant = await ActiveAsync();
        await World.CommandAsync(grant, "revoke", "kim@example.com");
        await World.ObserveAsync(_actor.First);
        await World.ReachAsync(grant, GrantState.Ended);

        var (status, _) = await World.CommandAsync(grant, "review", "kim@example.com", body: new { outcome = "keep" });

        Assert.That(status, Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task Should_block_the_next_emergency_until_the_last_is_reviewed_also_when_it_is_over()
    {
        var grant = await ActiveAsync(emergency: true);
        var due = await Peers.DeadlineAsync(grant, DeadlineKinds.Review);
        await World.CommandAsync(grant, "revoke", "kim@example.com");
        await World.ObserveAsync(_actor.First);
        await World.ReachAsync(grant, GrantState.Ended);
        Assert.That((await NextEmergencyAsync()).OverdueReviews, Is.Null, "there is still time");

        await World.SendTwiceAsync(Answers.Reached(due));

        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Ended));
        Assert.That((await NextEmergencyAsync()).OverdueReviews, Is.EqualTo(new[] { grant }));
        var (status, _) = await World.CommandAsync(grant, "review", "kim@example.com", body: new { outcome = "keep" });
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await NextEmergencyAsync()).OverdueReviews, Is.EqualTo(new[] { grant }), "policy has not answered");
        await AnswerAsync(grant, 2, Outcome.Permit);
        Assert.That((await NextEmergencyAsync()).OverdueReviews, Is.Null);
    }

    [Test]
    public async Task Should_take_an_emergency_away_for_anybody_and_count_it_as_reviewed_only_by_authority()
    {
        var grant = await ActiveAsync(emergency: true);

        await World.CommandAsync(grant, "review", "lee@example.com", "k", new { outcome = "revoke", comment = "enough" });
        await World.CommandAsync(grant, "review", "lee@example.com", "k", new { outcome = "revoke", comment = "enough" });
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Revoking), "taken away at once");
        Assert.That((await World.EventsAsync(grant)).Count(e => e == "review-submitted.v1"), Is.EqualTo(1));
        await AnswerAsync(grant, 2, Outcome.Forbid);
        Assert.That(await ReviewedByAsync(grant), Is.Null, "policy gives that person no authority");

        await World.CommandAsync(grant, "review", "kim@example.com", body: new { outcome = "revoke" });
        await AnswerAsync(grant, 3, Outcome.Permit);

        Assert.That(await ReviewedByAsync(grant), Is.EqualTo("kim@example.com"));
        Assert.That(
            await World.ScalarAsync<string>(
                "select data ->> 'kept' from lifecycle.mt_events where stream_id = $1 and type = 'review-recorded.v1'",
                grant
            ),
            Is.EqualTo("false")
        );
    }

    [TestCase(Outcome.Permit)]
    [TestCase(Outcome.Forbid)]
    public async Task Should_decide_first_on_a_review_that_came_in_time(Outcome outcome)
    {
        var grant = await ActiveAsync(emergency: true);
        var due = await Peers.DeadlineAsync(grant, DeadlineKinds.Review);
        await World.CommandAsync(grant, "review", "kim@example.com", body: new { outcome = "keep" });

        await World.SendTwiceAsync(Answers.Reached(due));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Active), "not before it is known whether the review counts");
        await AnswerAsync(grant, 2, outcome);

        var counted = outcome == Outcome.Permit;
        Assert.That(await World.StateAsync(grant), Is.EqualTo(counted ? GrantState.Active : GrantState.Revoking));
        Assert.That((await World.EventsAsync(grant)).Count(e => e == "review-missed.v1"), Is.EqualTo(counted ? 0 : 1));
    }

    [Test]
    public async Task Should_go_when_policy_does_not_say_in_time_whether_the_review_counts()
    {
        var grant = await ActiveAsync();
        var due = await Peers.DeadlineAsync(grant, DeadlineKinds.Review);
        await World.CommandAsync(grant, "review", "kim@example.com", body: new { outcome = "keep" });
        await Peers.QuestionAsync(grant, 2);
        World.Clock.Advance(TimeSpan.FromMinutes(21));
        await World.SendAsync(Answers.Reached(due));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Active), "it is still being decided");

        await World.Service.RedriveAsync();

        await World.ReachAsync(grant, GrantState.Revoking);
        Assert.That((await World.EventsAsync(grant)).Count(e => e == "review-missed.v1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_ask_again_about_a_review_when_the_access_ends_before_the_answer()
    {
        var grant = await ActiveAsync(emergency: true);
        await World.CommandAsync(grant, "review", "kim@example.com", body: new { outcome = "keep" });
        var lost = await Peers.QuestionAsync(grant, 2);
        await World.CommandAsync(grant, "revoke", "lee@example.com");
        await World.SendAsync(Answers.Of(lost, Outcome.Permit));
        Assert.That(await ReviewedByAsync(grant), Is.Null, "the question was about access that was there");

        await AnswerAsync(grant, 3, Outcome.Permit);

        Assert.That(await ReviewedByAsync(grant), Is.EqualTo("kim@example.com"));
        await World.ObserveAsync(_actor.First);
        await World.ReachAsync(grant, GrantState.Ended);
    }

    [Test]
    public async Task Should_find_what_is_owed_when_it_is_over_though_nobody_was_told()
    {
        var unanswered = await EndedAsync();
        // Somebody else's: what is overdue counts among the facts of one's own.
        _actor = TestCatalog.NextActor();
        var untold = await EndedAsync();
        await World.CommandAsync(unanswered, "review", "kim@example.com", body: new { outcome = "keep" });
        await Peers.QuestionAsync(unanswered, 2);
        // The answer to the one is lost, and so is the deadline of the other.
        World.Clock.Advance(TimeSpan.FromMinutes(21));
        await World.Service.RedriveAsync();

        await AnswerAsync(unanswered, 3, Outcome.Permit);
        Assert.That(await ReviewedByAsync(unanswered), Is.EqualTo("kim@example.com"));
        await Eventually.Until(async () => (await World.EventsAsync(untold)).Count(e => e == "review-missed.v1"), Is.EqualTo(1));
        await World.Service.RedriveAsync();
        Assert.That((await World.EventsAsync(untold))[^1], Is.EqualTo("review-missed.v1"), "once");
    }

    [Test]
    public async Task Should_bound_emergency_access_by_the_installation()
    {
        var facts = await NextEmergencyAsync();

        Assert.That(facts.SystemMaxDuration, Is.EqualTo(TimeSpan.FromHours(4)));
        await ActiveAsync(emergency: true);
        Assert.That(World.Service.Log.Of("EmergencyAccess"), Is.Not.Empty);
    }

    [Test]
    public async Task Should_count_what_one_person_took_for_an_incident_and_nobody_reviewed()
    {
        var ended = await EndedAsync();
        var open = await ActiveAsync(emergency: true);
        Assert.That((await NextEmergencyAsync()).UnreviewedEmergencies, Is.EquivalentTo(new[] { ended, open }));
        var other = Requests.Of(_actor) with { Emergency = true, EmergencyAssurance = Assurance.Verified };
        other = other with { Ticket = other.Ticket! with { Key = "INC-of-another-kind" } };
        await World.SendAsync(other);
        Assert.That(Answers.FactsOf(await Peers.QuestionAsync(other.GrantId)).UnreviewedEmergencies, Is.Null);

        await World.CommandAsync(ended, "review", "kim@example.com", body: new { outcome = "keep" });
        await AnswerAsync(ended, 2, Outcome.Permit);

        Assert.That((await NextEmergencyAsync()).UnreviewedEmergencies, Is.EqualTo(new[] { open }));
    }

    [Test]
    public async Task Should_count_an_incident_as_one_however_its_name_is_spelled()
    {
        var open = await ActiveAsync(emergency: true);
        var again = Requests.Of(_actor) with { Emergency = true, EmergencyAssurance = Assurance.Verified };
        again = again with { Ticket = again.Ticket! with { System = "ServiceNow", Key = again.Ticket.Key.ToLowerInvariant() } };

        await World.SendAsync(again);

        var facts = Answers.FactsOf(await Peers.QuestionAsync(again.GrantId));
        Assert.That(facts.UnreviewedEmergencies, Is.EqualTo(new[] { open }));
        Assert.That(
            (facts.Request.Ticket!.System, facts.Request.Ticket.Key),
            Is.EqualTo((again.Ticket.System, again.Ticket.Key)),
            "as it was sent"
        );
    }

    private async Task<Guid> EndedAsync()
    {
        var grant = await ActiveAsync(emergency: true);
        await World.CommandAsync(grant, "revoke", "lee@example.com");
        await World.ObserveAsync(_actor.First);
        await World.ReachAsync(grant, GrantState.Ended);
        return grant;
    }

    private async Task<string?> ReviewedByAsync(Guid grant) =>
        (string?)(await World.GetAsync($"/v1/grants/{grant}")).Body["review"]!["reviewer"];

    private async Task AnswerAsync(Guid grant, int question, Outcome outcome) =>
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(grant, question), outcome));

    private async Task<AccessFacts> NextEmergencyAsync()
    {
        var request = Requests.Of(_actor) with { Emergency = true, EmergencyAssurance = Assurance.Verified };
        await World.SendAsync(request);
        return Answers.FactsOf(await Peers.QuestionAsync(request.GrantId));
    }

    private async Task<Guid> ActiveAsync(bool emergency = false, ActorRef? sender = null)
    {
        var request = Requests.Of(_actor);
        request = request with
        {
            Actor = sender ?? request.Actor,
            Emergency = emergency,
            EmergencyAssurance = emergency ? Assurance.Verified : Assurance.Claimed,
        };
        await World.SendAsync(request);
        await World.SendAsync(
            Answers.Of(
                await Peers.QuestionAsync(request.GrantId),
                Outcome.Permit,
                d => d with { Obligations = new Obligations { ReviewWithin = TimeSpan.FromMinutes(20) } }
            )
        );
        await World.ObserveAsync(_actor.First);
        await World.ReachAsync(request.GrantId, GrantState.Active);
        return request.GrantId;
    }
}
