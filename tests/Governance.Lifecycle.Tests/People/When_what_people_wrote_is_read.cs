using System.Net;
using System.Text.Json.Nodes;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.People;

public sealed class When_what_people_wrote_is_read : WorldFixture
{
    private Actor _actor = null!;
    private Guid _grant;

    [SetUp]
    public async Task WaitForApprovalAsync()
    {
        _actor = TestCatalog.NextActor();
        var request = Requests.Of(_actor, TestCatalog.Writer) with { Actor = Requests.Person("svc-omar") };
        _grant = request.GrantId;
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant), Outcome.ApprovalRequired));
    }

    [Test]
    public async Task Should_be_told_to_who_may_decide_in_the_order_in_which_it_was_written()
    {
        await World.CommandAsync(_grant, "edit", _actor.HumanName, body: new { duration = "PT2H", justification = "two tables more" });
        await World.CommandAsync(_grant, "approve", "lee@example.com", body: new { revision = 2, comment = "until six" });
        // An edit asks policy anew whom it asks.
        await World.SendAsync(Answers.Of(await LastQuestionAsync(3), Outcome.ApprovalRequired));

        var (status, body) = await ReadAsync("lee@example.com");

        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            body["texts"]!.AsArray().Select(t => ((string?)t!["kind"], (string?)t["by"], (string?)t["text"])),
            Is.EqualTo(
                new[]
                {
                    ("justification", _actor.HumanName, Requests.Justification),
                    ("justification", _actor.HumanName, "two tables more"),
                    ("approval", "lee@example.com", "until six"),
                }
            )
        );
    }

    [TestCase("kim@example.com", Description = "is in no group that is asked")]
    [TestCase("omar@example.com", Description = "stands behind the sender")]
    [TestCase("owner", Description = "gets it")]
    [TestCase("svc-reporting", Description = "is no human")]
    public async Task Should_be_told_to_nobody_else(string who)
    {
        var (status, body) = await ReadAsync(who == "owner" ? _actor.HumanName : who);

        Assert.That((status, (string?)body["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "not-a-decider")));
        Assert.That(body.ToJsonString(), Does.Not.Contain(Requests.Justification));
    }

    [Test]
    public async Task Should_ask_who_calls_and_be_nowhere_else()
    {
        Assert.That((await ReadAsync(null)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        foreach (var path in new[] { $"/v1/grants/{_grant}", $"/v1/grants/{_grant}/history", "/v1/approvals" })
        {
            Assert.That((await World.GetAsync(path)).Body.ToJsonString(), Does.Not.Contain(Requests.Justification), path);
        }
    }

    [Test]
    public async Task Should_be_gone_when_it_was_erased()
    {
        await World.ScalarAsync<int>(
            "with gone as (delete from lifecycle.mt_doc_personaltext where data ->> 'grantId' = $1 returning 1) select count(*)::int from gone",
            _grant.ToString()
        );

        var (_, body) = await ReadAsync("lee@example.com");

        var text = body["texts"]!.AsArray().Single()!;
        Assert.That(((string?)text["text"], (bool?)text["erased"]), Is.EqualTo(((string?)null, (bool?)true)));
        Assert.That((string?)text["digest"], Does.StartWith("sha256:"));
    }

    [Test]
    public async Task Should_be_told_to_who_reviews_while_a_review_is_owed()
    {
        var actor = TestCatalog.NextActor();
        var request = Requests.Of(actor);
        await World.SendAsync(request);
        await World.SendAsync(
            Answers.Of(
                await Peers.QuestionAsync(request.GrantId),
                Outcome.Permit,
                d =>
                    d with
                    {
                        Obligations = new Obligations { ReviewWithin = TimeSpan.FromHours(1), Notify = ["group:auditors"] },
                    }
            )
        );
        await World.ObserveAsync(actor.First);
        await World.ReachAsync(request.GrantId, Grants.GrantState.Active);

        foreach (var who in new[] { "kim@example.com", "dana@example.com" })
        {
            Assert.That((await World.GetAsync($"/v1/grants/{request.GrantId}/texts", who)).Status, Is.EqualTo(HttpStatusCode.OK), who);
        }

        Assert.That(
            (await World.GetAsync($"/v1/grants/{request.GrantId}/texts", "lee@example.com")).Status,
            Is.EqualTo(HttpStatusCode.Forbidden)
        );
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> ReadAsync(string? who) => World.GetAsync($"/v1/grants/{_grant}/texts", who);

    private async Task<Contracts.Lifecycle.EvaluateAccess> LastQuestionAsync(int number)
    {
        await Peers.QuestionAsync(_grant, number);
        return Peers.Questions(_grant)[^1];
    }
}
