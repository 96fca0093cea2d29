using System.Net;
using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.People;

/// <summary>At a target with an account for each grant. What is in a credential, Lifecycle never learns.</summary>
public sealed class When_a_credential_is_asked_for : WorldFixture
{
    private readonly RecipientKey _key = Requests.NewKey("first");
    private Actor _actor = null!;

    [SetUp]
    public void TakeActor() => _actor = TestCatalog.NextActor();

    [Test]
    public async Task Should_be_denied_at_once_without_a_key()
    {
        var request = Requests.Of(_actor, TestCatalog.Session);
        await World.SendAsync(request);

        var (_, view) = await World.GetAsync($"/v1/grants/{request.GrantId}");
        Assert.That(((string?)view["state"], (string?)view["decision"]!["reasons"]![0]), Is.EqualTo(("denied", "no-recipient-key")));
    }

    [Test]
    public async Task Should_be_ordered_with_the_lease_and_once_for_both_revisions()
    {
        var grant = await ActiveAsync();

        await Peers.HoldingAsync(_actor.First, 2);
        var leases = Peers.Holdings(_actor.First).Select(h => h.Leases.Single().Credential).ToList();
        Assert.That(leases, Is.EqualTo(new[] { new LeaseCredential(1, _key), new LeaseCredential(1, _key) }));
        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That(((int)view["credential"]!["number"]!, (string?)view["credential"]!["kid"]), Is.EqualTo((1, "first")));
    }

    [Test]
    public async Task Should_not_be_ordered_where_accounts_are_shared()
    {
        var request = Requests.Of(_actor) with { RecipientKey = _key };
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.Permit));

        Assert.That((await Peers.HoldingAsync(_actor.First, 1)).Leases.Single().Credential, Is.Null);
    }

    [Test]
    public async Task Should_be_another_after_a_rotation_for_whoever_is_named_then()
    {
        var grant = await ActiveAsync();
        var other = Requests.NewKey("second");

        var (status, view) = await World.CommandAsync(grant, "rotate", _actor.HumanName, "k", new { recipientKey = other });
        await World.CommandAsync(grant, "rotate", _actor.HumanName, "k", new { recipientKey = other });

        Assert.That((status, (int)view["credential"]!["number"]!), Is.EqualTo((HttpStatusCode.OK, 2)));
        var holding = await Peers.HoldingAsync(_actor.First, (await World.RevisionsAsync(_actor.First))[^1]);
        Assert.That(holding.Leases.Single().Credential, Is.EqualTo(new LeaseCredential(2, other)));
        Assert.That((await World.EventsAsync(grant)).Count(e => e == "credential-rotated.v1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_be_another_after_a_renewal_and_after_a_suspension()
    {
        var grant = await ActiveAsync();
        World.Clock.Advance(TimeSpan.FromMinutes(45));
        await World.CommandAsync(grant, "renew", _actor.HumanName, body: new { duration = "PT2H", justification = "more" });
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(grant, 2), Outcome.Permit));
        Assert.That(await LastNumberAsync(), Is.EqualTo(2));

        await World.CommandAsync(grant, "suspend", "kim@example.com");
        await World.ObserveAsync(_actor.First);
        await World.CommandAsync(grant, "resume", "kim@example.com");
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(grant, 3), Outcome.Permit));

        Assert.That(await LastNumberAsync(), Is.EqualTo(3), "the account was taken away, and is another now");
    }

    [TestCase("lee@example.com", "not-the-holder")]
    public async Task Should_only_be_for_those_it_concerns(string who, string code)
    {
        var grant = await ActiveAsync();

        var (status, problem) = await World.CommandAsync(grant, "rotate", who);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, code)));
    }

    [Test]
    public async Task Should_refuse_a_key_that_is_none()
    {
        var grant = await ActiveAsync();
        var off = _key with { Y = _key.X };

        var (status, problem) = await World.CommandAsync(grant, "rotate", _actor.HumanName, body: new { recipientKey = off });

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.BadRequest, "invalid")));
        Assert.That((string?)problem["detail"], Does.Contain("recipientKey.y"));
    }

    [Test]
    public async Task Should_say_that_nobody_keeps_credentials_here()
    {
        var grant = await ActiveAsync();

        var (status, problem) = await World.GetAsync($"/v1/grants/{grant}/credential", _actor.HumanName);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "no-issuance")));
        Assert.That(await World.EventsAsync(grant), Does.Not.Contain("credential-handed-out.v1"));
    }

    private async Task<int> LastNumberAsync()
    {
        var holding = await Peers.HoldingAsync(_actor.First, (await World.RevisionsAsync(_actor.First))[^1]);
        return holding.Leases.Single().Credential!.Number;
    }

    private async Task<Guid> ActiveAsync()
    {
        var request = Requests.Of(_actor, TestCatalog.Session) with { RecipientKey = _key };
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.Permit));
        await World.ObserveAsync(_actor.First);
        await World.ReachAsync(request.GrantId, GrantState.Active);
        return request.GrantId;
    }
}
