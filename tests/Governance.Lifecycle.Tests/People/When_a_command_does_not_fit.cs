using System.Net;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.People;

public sealed class When_a_command_does_not_fit : WorldFixture
{
    [TestCase("evaluating", "revoke", "suspend", "resume")]
    [TestCase("awaiting-approval", "revoke", "suspend", "resume")]
    [TestCase("activating", "approve", "reject", "suspend", "resume")]
    [TestCase("active", "approve", "reject", "resume")]
    [TestCase("suspending", "approve", "reject", "suspend", "resume")]
    [TestCase("suspended", "approve", "reject", "suspend")]
    [TestCase("revoking", "approve", "reject", "withdraw", "revoke", "suspend", "resume")]
    [TestCase("revoke-failed", "approve", "reject", "withdraw", "revoke", "suspend", "resume")]
    [TestCase("ended", "approve", "reject", "withdraw", "revoke", "suspend", "resume")]
    [TestCase("denied", "approve", "reject", "withdraw", "revoke")]
    [TestCase("withdrawn", "approve", "reject", "withdraw", "revoke")]
    public async Task Should_be_refused_naming_the_state(string state, params string[] verbs)
    {
        var actor = TestCatalog.NextActor();
        var grant = await BringAsync(actor, state);
        var version = await World.VersionAsync(grant);
        foreach (var verb in verbs)
        {
            var (status, problem) = await World.CommandAsync(grant, verb, verb == "withdraw" ? actor.HumanName : "lee@example.com");

            Assert.That(status, Is.EqualTo(HttpStatusCode.Conflict), verb);
            Assert.That((string?)problem["code"], Is.EqualTo("not-in-state"));
            Assert.That((string?)problem["state"], Is.EqualTo(state));
            Assert.That((string?)problem["detail"], Does.Contain(state));
        }

        Assert.That(await World.VersionAsync(grant), Is.EqualTo(version));
    }

    [TestCase("evaluating", "withdrawn")]
    [TestCase("awaiting-approval", "withdrawn")]
    [TestCase("activating", "revoking")]
    [TestCase("active", "revoking")]
    [TestCase("suspending", "revoking")]
    [TestCase("suspended", "revoking")]
    public async Task Should_be_withdrawn_by_the_requester_only_and_once(string state, string after)
    {
        var actor = TestCatalog.NextActor();
        var grant = await BringAsync(actor, state);

        var (status, problem) = await World.CommandAsync(grant, "withdraw", "lee@example.com");
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "not-the-requester")));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var (again, view) = await World.CommandAsync(grant, "withdraw", actor.HumanName, "once");
            Assert.That((again, (string?)view["state"]), Is.EqualTo((HttpStatusCode.OK, after)));
        }

        Assert.That((await World.EventsAsync(grant)).Count(e => e is "grant-withdrawn.v1" or "revocation-started.v1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_revoke_once_by_the_same_key()
    {
        var actor = TestCatalog.NextActor();
        var grant = await BringAsync(actor, "active");

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => World.CommandAsync(grant, "revoke", "kim@example.com", "key")));

        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.OK));
        Assert.That(await World.RevisionsAsync(actor.First), Is.EqualTo(new[] { 1L, 2L, 3L }));
        Assert.That(
            (await World.CommandAsync(grant, "revoke", "omar@example.com", "key")).Status,
            Is.EqualTo(HttpStatusCode.Conflict),
            "a key is the caller's own"
        );
    }

    [Test]
    public async Task Should_know_who_calls()
    {
        var grant = await BringAsync(TestCatalog.NextActor(), "active");

        Assert.That((await World.CommandAsync(grant, "revoke", null)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        var (status, problem) = await World.CommandAsync(grant, "revoke", "nobody@example.com");
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "unknown-actor")));
    }

    [TestCase("{\"comment\":", "malformed")]
    [TestCase("{\"comment\":\"a\",\"force\":true}", "invalid")]
    [TestCase("[]", "malformed")]
    public async Task Should_refuse_a_wrong_body(string body, string code)
    {
        var grant = await BringAsync(TestCatalog.NextActor(), "active");

        var (status, problem) = await World.CommandAsync(grant, "revoke", "kim@example.com", body: body);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.BadRequest, code)));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(Grants.GrantState.Active));
    }

    [Test]
    public async Task Should_refuse_what_is_too_long()
    {
        var grant = await BringAsync(TestCatalog.NextActor(), "active");

        Assert.That(
            (await World.CommandAsync(grant, "revoke", "kim@example.com", new string('k', 201))).Status,
            Is.EqualTo(HttpStatusCode.BadRequest)
        );
        Assert.That(
            (await World.CommandAsync(grant, "revoke", "kim@example.com", body: new { comment = new string('c', 4001) })).Status,
            Is.EqualTo(HttpStatusCode.BadRequest)
        );
    }

    private async Task<Guid> BringAsync(Actor actor, string state)
    {
        switch (state)
        {
            case "activating":
                return await World.ActivatingAsync(actor);
            case "active":
                return await World.ActiveAsync(actor);
            case "suspending" or "suspended":
                var held = await World.ActiveAsync(actor);
                await World.CommandAsync(held, "suspend", "kim@example.com");
                if (state == "suspended")
                {
                    await World.ObserveAsync(actor.First);
                }

                return held;
            case "revoking" or "revoke-failed" or "ended":
                var active = await World.ActiveAsync(actor);
                await World.CommandAsync(active, "revoke", "kim@example.com");
                if (state == "revoke-failed")
                {
                    await World.SendAsync(Answers.Failed(await Peers.HoldingAsync(actor.First, 3), World.Clock.Now()));
                }
                else if (state == "ended")
                {
                    await World.ObserveAsync(actor.First);
                }

                return active;
        }

        var grant = await World.RequestAsync(actor);
        if (state is "denied" or "awaiting-approval")
        {
            await World.SendAsync(
                Answers.Of(await Peers.QuestionAsync(grant), state == "denied" ? Outcome.Forbid : Outcome.ApprovalRequired)
            );
        }
        else if (state == "withdrawn")
        {
            await World.CommandAsync(grant, "withdraw", actor.HumanName);
        }

        return grant;
    }
}
