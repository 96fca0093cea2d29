using System.Net;
using System.Text.Json.Nodes;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.Api;

public sealed class When_grants_are_read : WorldFixture
{
    [Test]
    public async Task Should_show_the_resource_with_names()
    {
        var actor = TestCatalog.NextActor();
        var grant = await World.ActiveAsync(actor);

        var (status, view) = await World.GetAsync($"/v1/grants/{grant}");

        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            view.AsObject().Select(m => m.Key),
            Is.SupersetOf(
                new[]
                {
                    "id",
                    "principal",
                    "entitlement",
                    "state",
                    "requestedDuration",
                    "activatedAt",
                    "expiresAt",
                    "decision",
                    "holding",
                    "ticket",
                    "links",
                }
            )
        );
        Assert.That((string?)view["requester"], Is.EqualTo(actor.HumanName));
        Assert.That((string?)view["requestedDuration"], Is.EqualTo("PT1H"));
        Assert.That((string?)view["decision"]!["outcome"], Is.EqualTo("permit"));
        Assert.That(
            view["holding"]!.ToJsonString(),
            Does.Contain("\"revision\":2").And.Contain("\"desired\":\"present\"").And.Contain("\"observed\":\"present\"")
        );
        Assert.That(view.ToJsonString(), Does.Not.Contain(actor.HumanId));
    }

    [Test]
    public async Task Should_list_those_of_a_target()
    {
        var actor = TestCatalog.NextActor();
        var (orders, ledger) = (await World.RequestAsync(actor), await World.RequestAsync(actor, TestCatalog.Approver));

        var (_, page) = await World.GetAsync($"/v1/grants?principal={actor.First}&target=ledger-db");
        var (_, none) = await World.GetAsync($"/v1/grants?principal={actor.First}&target=another-db");

        Assert.That(page["grants"]!.AsArray().Select(g => (Guid)g!["id"]!), Is.EqualTo(new[] { ledger }), "and not " + orders);
        Assert.That(none["grants"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task Should_show_the_names_of_approvers()
    {
        var actor = TestCatalog.NextActor();
        var grant = await World.RequestAsync(actor, TestCatalog.Writer);
        await World.SendAsync(
            Answers.Of(
                await Peers.QuestionAsync(grant),
                Contracts.Decisions.Outcome.ApprovalRequired,
                d => d with { Gates = [Answers.Gate(Guid.NewGuid(), TestCatalog.Lee)] }
            )
        );

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");

        Assert.That((string?)view["gates"]![0]!["slots"]![0]!["approver"], Is.EqualTo("lee@example.com"));
    }

    [Test]
    public async Task Should_keep_who_opened_the_gates_and_what_was_given()
    {
        var actor = TestCatalog.NextActor();
        var grant = await World.RequestAsync(actor, TestCatalog.Writer);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(grant), Contracts.Decisions.Outcome.ApprovalRequired));
        await World.ReachAsync(grant, GrantState.AwaitingApproval);

        var (_, waiting) = await World.GetAsync($"/v1/grants/{grant}");
        await World.CommandAsync(grant, "approve", "lee@example.com");
        await World.SendAsync(
            Answers.Of(
                await Peers.QuestionAsync(grant, 2),
                Contracts.Decisions.Outcome.Permit,
                d => d with { Duration = TimeSpan.FromMinutes(20) },
                discharged: true
            )
        );
        await World.ReachAsync(grant, GrantState.Activating);
        var (_, given) = await World.GetAsync($"/v1/grants/{grant}");

        Assert.That((string?)waiting["approvers"]![0]!["from"], Is.EqualTo("group:dba-oncall"));
        Assert.That(waiting["approvers"]![0]!["people"]!.AsArray().Select(p => (string?)p), Does.Contain("lee@example.com"));
        Assert.That((given["gates"], given["approvers"]), Is.EqualTo(((JsonNode?)null, (JsonNode?)null)));
        Assert.That((string?)given["decision"]!["gates"]![0]!["slots"]![0]!["approver"], Is.EqualTo("lee@example.com"));
        Assert.That(((string?)given["requestedDuration"], (string?)given["duration"]), Is.EqualTo(("PT1H", "PT20M")));
    }

    [Test]
    public async Task Should_say_what_the_policies_say_that_denied_it()
    {
        var actor = TestCatalog.NextActor();
        var grant = await World.RequestAsync(actor);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(grant), Contracts.Decisions.Outcome.Forbid, Answers.Frozen));
        await World.ReachAsync(grant, GrantState.Denied);

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");

        var said = view["decision"]!["because"]![0]!;
        Assert.That((string?)said["policy"], Is.EqualTo("freeze"));
        Assert.That(
            (string?)said["reason"],
            Is.EqualTo("Nothing changes before the audit\uFFFD is over."),
            "in one line that shows as it is"
        );
        Assert.That((string?)said["advice"], Has.Length.EqualTo(501).And.StartsWith("Ask again in M").And.EndsWith("…"));
    }

    [Test]
    public async Task Should_show_who_had_it_tried_at_once()
    {
        var (actor, another) = (TestCatalog.NextActor(), TestCatalog.NextActor());
        var grant = await World.ActiveAsync(actor);
        var other = await World.ActiveAsync(another);
        Assert.That((await World.GetAsync($"/v1/grants/{grant}")).Body["retry"], Is.Null);

        await World.PostAsync($"/v1/grants/{grant}/retry", "kim@example.com");

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That(((string?)view["retry"]!["by"], (bool)view["retry"]!["wholeTarget"]!), Is.EqualTo(("kim@example.com", false)));
        var (_, page) = await World.GetAsync($"/v1/grants?principal={actor.First}");
        Assert.That((string?)page["grants"]![0]!["retry"]!["by"], Is.EqualTo("kim@example.com"));
        Assert.That((await World.GetAsync($"/v1/grants/{other}")).Body["retry"], Is.Null, "it was for the one only");
        var (_, history) = await World.GetAsync($"/v1/grants/{grant}/history");
        var order = history["related"]!.AsArray().Single(e => (string?)e!["type"] == "retry-ordered.v1")!;
        Assert.That(((string?)order["stream"], (Guid?)order["data"]!["grant"]), Is.EqualTo(("target", grant)));
        Assert.That((string?)history["names"]![(string)order["actor"]!["id"]!], Is.EqualTo("kim@example.com"));
        Assert.That(history["events"]!.AsArray().Select(e => (string?)e!["type"]), Is.EqualTo(await World.EventsAsync(grant)), "its own");
    }

    [Test]
    public async Task Should_show_the_whole_history()
    {
        var actor = TestCatalog.NextActor();
        var grant = await World.ActiveAsync(actor);
        await World.CommandAsync(grant, "revoke", "kim@example.com");

        var (_, history) = await World.GetAsync($"/v1/grants/{grant}/history");

        var events = history["events"]!.AsArray();
        Assert.That(events.Select(e => (string?)e!["type"]), Is.EqualTo(await World.EventsAsync(grant)));
        Assert.That(events.Select(e => (long)e!["version"]!), Is.EqualTo(Enumerable.Range(1, events.Count).Select(n => (long)n)));
        Assert.That(events.Select(e => (long)e!["sequence"]!), Is.Ordered.And.Unique);
        Assert.That(
            events.Select(e => e!.AsObject().Select(m => m.Key)),
            Is.All.SupersetOf(new[] { "sequence", "version", "type", "at", "actor", "data" })
        );
        Assert.That((string?)events[0]!["actor"]!["id"], Is.EqualTo("system:itsm"));
        Assert.That((string?)events[1]!["data"]!["facts"], Does.StartWith("{\"actor\":"), "the inputs of the decision are there");
        Assert.That((string?)events.Last(e => (string?)e!["type"] == "revocation-started.v1")!["actor"]!["id"], Is.EqualTo("p-90a4c6f2"));
        Assert.That((string?)history["names"]!["p-90a4c6f2"], Is.EqualTo("kim@example.com"), "who that is, beside the evidence");
        Assert.That(
            (string?)history["names"]![(string)JsonNode.Parse((string)events[1]!["data"]!["facts"]!)!["actor"]!["human"]!],
            Does.Contain("@"),
            "also in canonical texts"
        );
        Assert.That(events.Where(e => (string?)e!["type"] == "decision-recorded.v1").Select(e => (string?)e!["cause"]), Is.All.Not.Null);
    }

    [TestCase("")]
    [TestCase("/history")]
    public async Task Should_say_that_there_is_no_such_grant(string path)
    {
        var (status, problem) = await World.GetAsync($"/v1/grants/{Guid.NewGuid()}{path}");

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.NotFound, "no-such-grant")));
        Assert.That((await World.CommandAsync(Guid.NewGuid(), "revoke", "kim@example.com")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("?limit=0", "invalid-limit")]
    [TestCase("?limit=abc", "invalid")]
    [TestCase("?limit=201", "invalid-limit")]
    [TestCase("?state=nonsense", "invalid-state")]
    [TestCase("?cursor=nonsense", "invalid-cursor")]
    public async Task Should_name_what_is_wrong_with_a_query(string query, string code)
    {
        using var answer = await World.Service.Http.GetAsync(new Uri("/v1/grants" + query, UriKind.Relative));
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(problem.AsObject().Select(m => m.Key), Is.SupersetOf(new[] { "type", "title", "status", "detail", "code" }));
        Assert.That((string?)problem["code"], Is.EqualTo(code));
        Assert.That((string?)problem["detail"], Does.Match("^(limit|state|cursor): ").And.Not.Contain("9223372036854775808"));
        Assert.That((string?)problem["type"], Is.EqualTo("urn:governance:problem:" + code));
    }

    [Test]
    public async Task Should_page_without_repeating_or_skipping_while_more_arrive()
    {
        var actor = TestCatalog.NextActor();
        var there = new List<Guid>();
        for (var i = 0; i < 7; i++)
        {
            there.Add(await World.RequestAsync(actor));
        }

        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var (_, page) = await World.GetAsync(
                $"/v1/grants?principal={actor.First}&state=evaluating&limit=2" + (cursor is null ? "" : "&cursor=" + cursor)
            );
            seen.AddRange(page["grants"]!.AsArray().Select(g => Guid.Parse((string)g!["id"]!)));
            cursor = (string?)page["next"];
            await World.RequestAsync(actor);
        } while (cursor is not null && seen.Count < 50);

        Assert.That(seen, Is.EqualTo(Enumerable.Reverse(there)));
    }

    [Test]
    public async Task Should_filter_by_state()
    {
        var actor = TestCatalog.NextActor();
        var active = await World.ActiveAsync(actor);
        await World.RequestAsync(actor);

        var (_, page) = await World.GetAsync($"/v1/grants?principal={actor.First}&state=active");

        Assert.That(page["grants"]!.AsArray().Select(g => (string?)g!["id"]), Is.EqualTo(new[] { active.ToString() }));
        Assert.That(page["next"], Is.Null);
    }
}
