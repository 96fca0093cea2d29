using Governance.Contracts.Decisions;
using Governance.Contracts.Policy;
using Governance.Policy.Tests.Running;

namespace Governance.Policy.Tests;

public sealed class When_lifecycle_asks
{
    private World _world = null!;
    private BundleAnnounced _old = null!;
    private BundleAnnounced _new = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        _old = await _world.Peer.AnnouncedAsync(1);
        await File.WriteAllTextAsync(
            _world.PolicyFile("90-extra.cedar"),
            "@id(\"frozen\") forbid (principal, action in Governance::Action::\"hold\", resource);"
        );
        _new = await _world.Peer.AnnouncedAsync(2);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_answer_with_the_bundle_that_is_named()
    {
        var (old, now) = (Questions.Of(_old.Bundle), Questions.Of(_new.Bundle));
        await _world.Peer.AskAsync(old);
        await _world.Peer.AskAsync(now);

        var first = (await _world.Peer.AnswersAsync(old.EvaluationId))[0].Message.Decision;
        var second = (await _world.Peer.AnswersAsync(now.EvaluationId))[0].Message.Decision;

        Assert.That((first.Outcome, first.Bundle), Is.EqualTo((Outcome.Permit, _old.Bundle)));
        Assert.That((second.Outcome, second.Bundle), Is.EqualTo((Outcome.Forbid, _new.Bundle)));
        Assert.That(second.Policies.Select(p => p.Id), Does.Contain("frozen"));
        Assert.That((first.Facts, first.Now), Is.EqualTo((old.FactsDigest, old.Now)));
    }

    [Test]
    public async Task Should_give_the_same_answer_to_the_same_question()
    {
        var question = Questions.Of(_old.Bundle);
        await _world.Peer.AskAsync(question);
        await _world.Peer.AskAsync(question);

        var answers = await _world.Peer.AnswersAsync(question.EvaluationId, 2);

        Assert.That(answers.Select(a => a.MessageId).Distinct().Count(), Is.EqualTo(1));
        Assert.That(
            answers.Select(a => CanonicalJson.Serialize(a.Message.Decision, WireJson.Options)).Distinct(StringComparer.Ordinal).Count(),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task Should_not_decide_on_facts_that_are_not_those_of_their_digest()
    {
        var question = Questions.Of(_old.Bundle);
        question = question with { Facts = question.Facts.Replace("svc-reporting", "svc-reportinG", StringComparison.Ordinal) };
        await _world.Peer.AskAsync(question);

        var fault = await _world.Peer.FaultAsync(question.EvaluationId);

        Assert.That(fault.Exceptions[0].Message, Does.Contain("digest"));
        Assert.That(_world.Peer.All<AccessEvaluated>().Where(a => a.Message.EvaluationId == question.EvaluationId), Is.Empty);
    }

    [Test]
    public async Task Should_not_decide_with_a_bundle_that_is_not_stored()
    {
        var question = Questions.Of("sha256:" + new string('0', 64));
        await _world.Peer.AskAsync(question);

        Assert.That((await _world.Peer.FaultAsync(question.EvaluationId)).Exceptions[0].Message, Does.Contain("not stored"));
    }
}
