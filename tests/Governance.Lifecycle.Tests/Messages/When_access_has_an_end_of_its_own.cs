using Governance.Contracts.Decisions;
using Governance.Contracts.Expiry;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Messages;

/// <summary>A change window, an exemption or somebody's right is over at a moment, however late the access came.</summary>
public sealed class When_access_has_an_end_of_its_own : WorldFixture
{
    private Actor _actor = null!;

    [SetUp]
    public void TakeActor() => _actor = TestCatalog.NextActor();

    [Test]
    public async Task Should_never_be_leased_beyond_it()
    {
        var last = World.Clock.Now().AddMinutes(10);

        var grant = await PermittedAsync(last);

        var lease = (await Peers.HoldingAsync(_actor.First, 1)).Leases.Single();
        Assert.That(lease.Until, Is.EqualTo(last), "not an hour and the time for a slow target");
        Assert.That((await Peers.DeadlineAsync(grant, DeadlineKinds.Activation)).Due, Is.EqualTo(last));
    }

    [Test]
    public async Task Should_end_then_though_it_came_late()
    {
        var last = World.Clock.Now().AddMinutes(70);
        var grant = await PermittedAsync(last);
        World.Clock.Advance(TimeSpan.FromMinutes(14));

        await World.ObserveAsync(_actor.First);

        await World.ReachAsync(grant, GrantState.Active);
        Assert.That((await Peers.DeadlineAsync(grant, DeadlineKinds.Expiry)).Due, Is.EqualTo(last));
        Assert.That((await Peers.HoldingAsync(_actor.First, 2)).Leases.Single().Until, Is.EqualTo(last));
    }

    [Test]
    public async Task Should_last_as_long_as_it_may_where_there_is_time()
    {
        var grant = await PermittedAsync(World.Clock.Now().AddHours(5));

        await World.ObserveAsync(_actor.First);

        await World.ReachAsync(grant, GrantState.Active);
        var observed = (await Peers.DeadlineAsync(grant, DeadlineKinds.Expiry)).Due - World.Clock.Now();
        Assert.That(observed, Is.GreaterThan(TimeSpan.FromMinutes(59)).And.LessThanOrEqualTo(TimeSpan.FromHours(1)));
    }

    [Test]
    public async Task Should_not_begin_when_it_is_over_before_the_answer_came()
    {
        var request = Requests.Of(_actor);
        await World.SendAsync(request);
        var question = await Peers.QuestionAsync(request.GrantId);
        var last = World.Clock.Now().AddSeconds(20);
        World.Clock.Advance(TimeSpan.FromSeconds(30));

        await World.SendAsync(Answers.Of(question, Outcome.Permit, d => d with { NotAfter = last }));

        Assert.That(await World.StateAsync(request.GrantId), Is.EqualTo(GrantState.Denied));
        Assert.That(
            await World.ScalarAsync<string>(
                "select data -> 'decision' -> 'reasons' ->> 0 from lifecycle.mt_doc_grant where id = $1",
                request.GrantId
            ),
            Is.EqualTo("already-over")
        );
        Assert.That(Peers.Holdings(_actor.First), Is.Empty);
    }

    [Test]
    public async Task Should_not_be_renewed_beyond_it()
    {
        var grant = await World.ActiveAsync(_actor);
        World.Clock.Advance(TimeSpan.FromMinutes(50));
        var last = World.Clock.Now().AddMinutes(30);
        await World.CommandAsync(grant, "renew", _actor.HumanName, body: new { justification = "not done" });

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(grant, 2), Outcome.Permit, d => d with { NotAfter = last }));

        await Eventually.Until(() => Task.FromResult(Peers.Deadlines(grant, DeadlineKinds.Expiry)[^1].Due), Is.EqualTo(last));
    }

    [Test]
    public async Task Should_be_given_up_as_soon_as_its_target_is_said_to_be_too_slow()
    {
        var before = World.Clock.Now();
        var request = Requests.Of(_actor, TestCatalog.Session) with { RecipientKey = Requests.NewKey() };
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.Permit));

        var budget = (await Peers.DeadlineAsync(request.GrantId, DeadlineKinds.Activation)).Due - before;

        Assert.That(budget, Is.EqualTo(TimeSpan.FromMinutes(5)).Within(TimeSpan.FromMinutes(1)), "the installation would wait 15");
    }

    private async Task<Guid> PermittedAsync(DateTimeOffset last)
    {
        var request = Requests.Of(_actor);
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.Permit, d => d with { NotAfter = last }));
        await World.ReachAsync(request.GrantId, GrantState.Activating);
        return request.GrantId;
    }
}
