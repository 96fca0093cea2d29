using System.Net;
using System.Net.Http.Json;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.People;

public sealed class When_a_request_is_edited : WorldFixture
{
    private Actor _actor = null!;
    private Guid _grant;

    [SetUp]
    public async Task WaitForApprovalAsync()
    {
        _actor = TestCatalog.NextActor();
        _grant = await World.RequestAsync(_actor, TestCatalog.Writer);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant), Outcome.ApprovalRequired));
    }

    [Test]
    public async Task Should_be_decided_anew_as_another_revision()
    {
        var (status, view) = await EditAsync(new { duration = "PT30M", justification = "less will do" });

        Assert.That((status, (int?)view["revision"], (string?)view["requestedDuration"]), Is.EqualTo((HttpStatusCode.OK, 2, "PT30M")));
        var facts = Answers.FactsOf(await Peers.QuestionAsync(_grant, 2));
        Assert.That((facts.Request.Revision, facts.Request.Duration), Is.EqualTo((2, TimeSpan.FromMinutes(30))));
    }

    [Test]
    public async Task Should_make_earlier_approvals_stale_and_let_the_same_person_approve_again()
    {
        await World.CommandAsync(_grant, "approve", "lee@example.com");
        await EditAsync(new { duration = "PT2H" });

        Assert.That((await ApproveAsync(new { revision = 2 })).Status, Is.EqualTo(HttpStatusCode.OK));

        var facts = Answers.FactsOf((await LastQuestionAsync(4))[^1]);
        Assert.That(facts.Approvals.Select(a => a.Revision), Is.EqualTo(new int?[] { null, 2 }));
    }

    [Test]
    public async Task Should_count_two_who_approve_at_the_same_instant()
    {
        var answers = await Task.WhenAll(
            new[] { "lee@example.com", "omar@example.com" }.Select(who => World.CommandAsync(_grant, "approve", who))
        );

        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.OK));
        // Of questions of the same moment either may come first; the one that was asked last has both.
        var approvers = (await LastQuestionAsync(3))
            .Select(q => Answers.FactsOf(q).Approvals.Select(a => a.Approver))
            .MaxBy(a => a.Count());
        Assert.That(approvers, Is.EquivalentTo(new[] { TestCatalog.Lee, TestCatalog.Omar }));
    }

    [Test]
    public async Task Should_not_be_given_by_an_answer_to_what_was_asked_before()
    {
        await World.CommandAsync(_grant, "approve", "lee@example.com");
        var question = await Peers.QuestionAsync(_grant, 2);
        await EditAsync(new { duration = "PT2H" });

        await World.SendAsync(Answers.Of(question, Outcome.Permit, discharged: true));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.AwaitingApproval));
    }

    [Test]
    public async Task Should_be_named_by_the_tag_that_the_grant_is_answered_with()
    {
        var seen = await TagAsync(HttpMethod.Get, "");
        Assert.That(seen, Is.EqualTo("\"1\""));
        var edited = await TagAsync(HttpMethod.Post, "/edit", _actor.HumanName, new { duration = "PT30M" }, seen);
        Assert.That(edited, Is.EqualTo("\"2\""), "the answer to a command has the grant, too");
        Assert.That(await TagAsync(HttpMethod.Get, ""), Is.EqualTo(edited));

        var (status, problem) = await World.CommandAsync(_grant, "approve", "lee@example.com", ifMatch: seen);
        Assert.That(
            (status, (string?)problem["code"], (int?)problem["revision"]),
            Is.EqualTo((HttpStatusCode.Conflict, "other-revision", 2))
        );

        (status, _) = await World.CommandAsync(_grant, "approve", "lee@example.com", ifMatch: edited);
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("W/\"1\"", Description = "a weak tag names no version")]
    [TestCase("*")]
    [TestCase("\"1\", \"2\"")]
    [TestCase("1")]
    [TestCase("\"01\"")]
    [TestCase("\"\"")]
    public async Task Should_be_named_by_one_tag_only(string ifMatch)
    {
        var (status, problem) = await World.CommandAsync(_grant, "approve", "lee@example.com", ifMatch: ifMatch);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.BadRequest, "invalid-revision")));
        Assert.That((string?)problem["detail"], Does.StartWith("If-Match: ").And.Contain("ETag"));
    }

    [TestCase("""{}""", null, Description = "says nothing")]
    [TestCase("""{"revision":1}""", null, Description = "looked before it was edited")]
    [TestCase("""{"revision":3}""", null)]
    [TestCase("""{}""", "\"1\"")]
    public async Task Should_not_be_decided_on_by_who_has_not_seen_it(string body, string? ifMatch)
    {
        await EditAsync(new { duration = "PT2H" });
        var version = await World.VersionAsync(_grant);

        foreach (var (verb, who) in new[] { ("approve", "lee@example.com"), ("edit", _actor.HumanName) })
        {
            var said =
                verb == "edit"
                    ? body.Replace("{", """{"justification":"more",""", StringComparison.Ordinal)
                        .Replace(",}", "}", StringComparison.Ordinal)
                    : body;
            var (status, problem) = await World.CommandAsync(_grant, verb, who, body: said, ifMatch: ifMatch);
            Assert.That(
                (status, (string?)problem["code"], (int?)problem["revision"]),
                Is.EqualTo((HttpStatusCode.Conflict, "other-revision", 2)),
                verb
            );
        }

        Assert.That(await World.VersionAsync(_grant), Is.EqualTo(version), "nothing was recorded");
    }

    [Test]
    public async Task Should_be_named_in_the_body_or_as_the_entity_tag()
    {
        await EditAsync(new { duration = "PT2H" });

        Assert.That((await ApproveAsync(new { }, "\"2\"")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            (await World.CommandAsync(_grant, "approve", "omar@example.com", body: new { revision = 2 }, ifMatch: "\"2\"")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
    }

    [TestCase("2")]
    [TestCase("W/\"2\"")]
    [TestCase("*")]
    [TestCase("\"02\"")]
    [TestCase("\"1\"", Description = "the body names another")]
    public async Task Should_refuse_a_tag_that_does_not_say_which(string ifMatch)
    {
        await EditAsync(new { duration = "PT2H" });

        var (status, problem) = await ApproveAsync(new { revision = 2 }, ifMatch);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.BadRequest, "invalid-revision")));
    }

    [Test]
    public async Task Should_be_rejected_also_unseen_unless_somebody_says_what_they_saw()
    {
        await EditAsync(new { duration = "PT2H" });
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.ApprovalRequired));

        var (status, problem) = await World.CommandAsync(_grant, "reject", "lee@example.com", body: new { revision = 1 });
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "other-revision")));

        Assert.That((await World.CommandAsync(_grant, "reject", "lee@example.com")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Should_record_what_a_vote_is_for()
    {
        await World.CommandAsync(_grant, "approve", "lee@example.com", body: new { duration = "PT10M" });

        var facts = Answers.FactsOf(await Peers.QuestionAsync(_grant, 2));
        var ballot = new Voting.Ballot
        {
            Principal = _actor.First,
            Target = "orders-db",
            Account = _actor.First,
            Privilege = "orders_writer",
            Duration = TimeSpan.FromMinutes(10),
        };
        Assert.That(facts.Approvals.Single().Ballot, Is.EqualTo(new BallotFacts(ballot.Digest(), null, TimeSpan.FromMinutes(10))));
        Assert.That(facts.Place, Is.EqualTo(new PlaceFacts(_actor.First, "orders_writer")));
        Assert.That(
            await World.ScalarAsync<string>(
                "select data ->> 'bundle' from lifecycle.mt_events where stream_id = $1 and type = 'approval-recorded.v1'",
                _grant
            ),
            Is.EqualTo(World.Bundle)
        );
    }

    [Test]
    public async Task Should_be_the_requesters_alone_and_only_while_it_is_open()
    {
        var (status, problem) = await World.CommandAsync(_grant, "edit", "lee@example.com", body: new { duration = "PT2H" });
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "not-the-requester")));
        Assert.That((string?)problem["detail"], Does.StartWith("Only the requester edits a request"));

        await World.CommandAsync(_grant, "withdraw", _actor.HumanName);
        (status, problem) = await EditAsync(new { duration = "PT2H" });
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "not-in-state")));
    }

    [Test]
    public async Task Should_not_take_other_words_for_a_repeat_by_the_same_key()
    {
        var first = new { duration = "PT2M" };
        await World.CommandAsync(_grant, "edit", _actor.HumanName, key: "k1", body: first);
        var (again, _) = await World.CommandAsync(_grant, "edit", _actor.HumanName, key: "k1", body: first);
        Assert.That(again, Is.EqualTo(HttpStatusCode.OK));

        var (status, problem) = await World.CommandAsync(
            _grant,
            "edit",
            _actor.HumanName,
            key: "k1",
            body: new { duration = "PT9M", revision = 2 }
        );

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "key-reused")));
        await World.ScalarAsync<int>(
            "update lifecycle.mt_doc_grant set data = jsonb_set(data, '{commandKeys}', to_jsonb(array[split_part(data -> 'commandKeys' ->> 0, e'\\n', 1)])) where id = $1 returning 1",
            _grant
        );
        (status, _) = await World.CommandAsync(_grant, "edit", _actor.HumanName, key: "k1", body: new { duration = "PT9M", revision = 2 });
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), "remembered by an earlier version");
    }

    [TestCase("{}")]
    [TestCase("""{"duration":"PT0S"}""")]
    [TestCase("""{"duration":"an hour"}""")]
    [TestCase("""{"entitlement":"orders-db/owner"}""")]
    [TestCase("""{"justification":" "}""")]
    public async Task Should_say_what_is_wrong_with_it(string body)
    {
        var (status, problem) = await EditAsync(body);

        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((string?)problem["code"], Is.AnyOf("invalid", "malformed"));
        Assert.That((string?)problem["detail"], Is.Not.Empty);
    }

    private async Task<string?> TagAsync(HttpMethod method, string verb, string? who = null, object? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, $"/v1/grants/{_grant}{verb}");
        if (who is not null)
        {
            request.Headers.Add("X-Governance-Actor", who);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }

        using var answer = await World.Service.Http.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Headers.CacheControl?.NoStore, Is.True, "more of it changes than what is asked for");
        return answer.Headers.ETag?.ToString();
    }

    private Task<(HttpStatusCode Status, System.Text.Json.Nodes.JsonNode Body)> ApproveAsync(object body, string? ifMatch = null) =>
        World.CommandAsync(_grant, "approve", "lee@example.com", body: body, ifMatch: ifMatch);

    private Task<(HttpStatusCode Status, System.Text.Json.Nodes.JsonNode Body)> EditAsync(object body) =>
        World.CommandAsync(_grant, "edit", _actor.HumanName, body: body);

    private async Task<IReadOnlyList<Contracts.Lifecycle.EvaluateAccess>> LastQuestionAsync(int number)
    {
        await Peers.QuestionAsync(_grant, number);
        return Peers.Questions(_grant);
    }
}
