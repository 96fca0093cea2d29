using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Messaging;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Retention;

/// <summary>An identity acts on behalf of another, whose own access ends.</summary>
public sealed class When_the_right_that_access_stands_on_ends : WorldFixture
{
    private Actor _actor = null!;

    [SetUp]
    public void TakeActor() => _actor = TestCatalog.NextActor();

    [Test]
    public async Task Should_be_decided_on_what_the_delegator_has()
    {
        var right = await World.ActiveAsync(_actor, principal: _actor.Second);

        var facts = Answers.FactsOf(await Peers.QuestionAsync(await RelyAsync(permit: false)));

        var delegator = facts.Delegation!.Single();
        Assert.That(delegator.Principal, Is.EqualTo(_actor.Second));
        Assert.That(delegator.Held, Is.EqualTo(new[] { TestCatalog.Readonly }));
        Assert.That(
            delegator.HeldUntil,
            Is.EqualTo((await World.GetAsync($"/v1/grants/{right}")).Body["expiresAt"]!.GetValue<DateTimeOffset>())
        );
        Assert.That(facts.Principals.Select(p => p.Id), Does.Contain(_actor.Second));
    }

    [Test]
    public async Task Should_be_decided_again_and_go_when_it_is_forbidden()
    {
        var right = await World.ActiveAsync(_actor, principal: _actor.Second);
        var relying = await RelyAsync(permit: true);

        await World.CommandAsync(right, "revoke", "kim@example.com");

        var question = await Peers.QuestionAsync(relying, 2);
        Assert.That(question.Purpose, Is.EqualTo(DecisionPurpose.Retain));
        Assert.That(Answers.FactsOf(question).Delegation!.Single().HeldUntil, Is.Null, "it is being taken away");
        await World.SendAsync(Answers.Of(question, Outcome.Forbid));
        Assert.That(await World.StateAsync(relying), Is.EqualTo(GrantState.Revoking));
    }

    [Test]
    public async Task Should_stay_while_the_delegator_has_it_by_another_grant_and_be_decided_again_when_that_ends()
    {
        var one = await World.ActiveAsync(_actor, principal: _actor.Second);
        var other = await World.ActiveAsync(_actor, principal: _actor.Second);
        var relying = await RelyAsync(permit: true);

        await World.CommandAsync(one, "revoke", "kim@example.com");
        var first = await Peers.QuestionAsync(relying, 2);
        Assert.That(Answers.FactsOf(first).Delegation!.Single().HeldUntil, Is.Not.Null);
        await World.SendAsync(Answers.Of(first, Outcome.Permit));
        await World.CommandAsync(other, "revoke", "kim@example.com");

        var question = await Peers.QuestionAsync(relying, 3);
        Assert.That(Answers.FactsOf(question).Delegation!.Single().HeldUntil, Is.Null);
        Assert.That(question.Purpose, Is.EqualTo(DecisionPurpose.Retain));
        Assert.That(await World.StateAsync(relying), Is.EqualTo(GrantState.Active));
    }

    [Test]
    public async Task Should_not_be_given_on_a_right_that_ended_while_it_was_decided()
    {
        var right = await World.ActiveAsync(_actor, principal: _actor.Second);
        var relying = await RelyAsync(permit: false);
        var question = await Peers.QuestionAsync(relying);

        await World.CommandAsync(right, "revoke", "kim@example.com");
        await World.SendAsync(Answers.Of(question, Outcome.Permit));

        Assert.That(await World.StateAsync(relying), Is.EqualTo(GrantState.Evaluating));
        Assert.That(Answers.FactsOf(await Peers.QuestionAsync(relying, 2)).Delegation!.Single().HeldUntil, Is.Null);
    }

    /// <summary>Whichever of the two is first: access never stands on a right that is gone without being asked about.</summary>
    [Test]
    public async Task Should_never_escape_when_both_happen_at_once()
    {
        const int Pairs = 20;
        var pairs = new List<(Guid Right, Guid Relying, Actor Actor)>();
        for (var i = 0; i < Pairs; i++)
        {
            _actor = TestCatalog.NextActor();
            pairs.Add((await World.ActiveAsync(_actor, principal: _actor.Second), await RelyAsync(permit: false), _actor));
        }

        await Task.WhenAll(
            pairs.Select(async pair =>
            {
                var question = await Peers.QuestionAsync(pair.Relying);
                await Task.WhenAll(
                    World.CommandAsync(pair.Right, "revoke", "kim@example.com"),
                    Peers.Bus.PublishMandatoryAsync(Answers.Of(question, Outcome.Permit), Guid.NewGuid())
                );
            })
        );

        foreach (var (_, relying, _) in pairs)
        {
            // Either the permit came late and is asked anew, or it was given and is asked whether it may stay.
            var second = await Peers.QuestionAsync(relying, 2, TimeSpan.FromSeconds(20));
            Assert.That(Answers.FactsOf(second).Delegation!.Single().HeldUntil, Is.Null);
        }
    }

    private async Task<Guid> RelyAsync(bool permit)
    {
        var request = Requests.Of(_actor) with { OnBehalfOf = [_actor.Second] };
        await World.SendAsync(request);
        if (permit)
        {
            await World.SendAsync(Answers.Of(await Peers.QuestionAsync(request.GrantId), Outcome.Permit));
            await World.ObserveAsync(_actor.First);
            await World.ReachAsync(request.GrantId, GrantState.Active);
        }

        return request.GrantId;
    }
}
