using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Messaging;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Races;

/// <summary>Two identities of one person ask at the same time for what that person must not hold together.</summary>
public sealed class When_two_requests_conflict : WorldFixture
{
    private const int Pairs = 24;

    [Test]
    public async Task Should_never_permit_both()
    {
        var random = new Random(7);
        var actors = Enumerable.Range(0, Pairs).Select(_ => TestCatalog.NextActor()).ToList();
        var humans = actors.Select(a => a.HumanId).ToHashSet(StringComparer.Ordinal);
        Peers.Rule = command =>
            command is EvaluateAccess question && Answers.FactsOf(question) is { Actor: { } actor } facts && humans.Contains(actor.Human)
                ? AnswerAsync(question, facts, TimeSpan.FromMilliseconds(random.Next(30)))
                : Task.CompletedTask;
        try
        {
            await Task.WhenAll(actors.Select(RaceAsync));
        }
        finally
        {
            Peers.Rule = null;
        }
    }

    [Test]
    public async Task Should_see_what_is_held_until_its_absence_was_read_back()
    {
        var actor = TestCatalog.NextActor();
        var writer = await World.ActiveAsync(actor, TestCatalog.Writer);
        await World.CommandAsync(writer, "revoke", "kim@example.com");

        var approver = await World.RequestAsync(actor, TestCatalog.Approver, actor.Second);
        Assert.That(
            Answers.FactsOf(await Peers.QuestionAsync(approver)).Actor!.Held,
            Is.EqualTo(new[] { TestCatalog.Writer }),
            "not read back yet"
        );
        await World.ObserveAsync(actor.First);

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(approver), Outcome.Permit));
        Assert.That(
            Answers.FactsOf(await Peers.QuestionAsync(approver, 2)).Actor!.Held,
            Is.Empty,
            "asked again, since the facts have changed"
        );
    }

    [Test]
    public async Task Should_not_conflict_with_itself_or_with_what_is_only_asked_for()
    {
        var actor = TestCatalog.NextActor();
        await World.RequestAsync(actor, TestCatalog.Writer);
        var asked = await World.RequestAsync(actor, TestCatalog.Approver, actor.Second);

        Assert.That(Answers.FactsOf(await Peers.QuestionAsync(asked)).Actor!.Held, Is.Empty);
    }

    private async Task RaceAsync(Actor actor)
    {
        var one = Requests.Of(actor, TestCatalog.Writer);
        var other = Requests.Of(actor, TestCatalog.Approver, actor.Second);
        await Task.WhenAll(World.SendAsync(one), World.SendAsync(other));

        var states = await Eventually.Until(
            async () => new[] { await World.StateAsync(one.GrantId), await World.StateAsync(other.GrantId) },
            s => s.All(x => x is GrantState.Activating or GrantState.Denied),
            TimeSpan.FromSeconds(60)
        );
        Assert.That(states, Is.EquivalentTo(new[] { GrantState.Activating, GrantState.Denied }), actor.HumanName);
    }

    private async Task AnswerAsync(EvaluateAccess question, AccessFacts facts, TimeSpan late)
    {
        var conflicts = facts.Entitlements.Single(e => e.Id == facts.Entitlement).Conflicts;
        var outcome = facts.Actor!.Held.Intersect(conflicts, StringComparer.Ordinal).Any() ? Outcome.Forbid : Outcome.Permit;
        await Task.Delay(late);
        await Peers.Bus.PublishMandatoryAsync(Answers.Of(question, outcome), Guid.NewGuid());
    }
}
