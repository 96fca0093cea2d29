using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Machine;
using Governance.Lifecycle.Tests.Running;
using MassTransit;

namespace Governance.Lifecycle.Tests.Messages;

public sealed class When_policy_answers : WorldFixture
{
    private static int _activation = 1;
    private Actor _actor = null!;
    private Guid _grant;
    private EvaluateAccess _question = null!;

    [SetUp]
    public async Task AskAsync()
    {
        _actor = TestCatalog.NextActor();
        _grant = await World.RequestAsync(_actor);
        _question = await Peers.QuestionAsync(_grant);
    }

    [Test]
    public async Task Should_count_once_however_often_it_is_told()
    {
        await World.SendTwiceAsync(Answers.Of(_question, Outcome.Permit));

        Assert.That((await World.EventsAsync(_grant)).Count(e => e == "decision-recorded.v1"), Is.EqualTo(1));
        Assert.That(await World.RevisionsAsync(_actor.First), Is.EqualTo(new[] { 1L }));
    }

    [Test]
    public async Task Should_not_count_for_another_question()
    {
        await World.SendAsync(Answers.Of(_question, Outcome.Permit) with { EvaluationId = Guid.NewGuid() });

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Evaluating));
        Assert.That(await World.VersionAsync(_grant), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_not_count_for_a_question_that_was_asked_again_since()
    {
        await World.CommandAsync(_grant, "approve", "omar@example.com");
        await World.SendAsync(Answers.Of(_question, Outcome.Permit));
        await Peers.QuestionAsync(_grant, 2);

        await World.SendAsync(Answers.Of(_question, Outcome.Permit));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Evaluating));
        Assert.That((await World.EventsAsync(_grant)).Count(e => e == "evaluation-started.v1"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_change_nothing_after_a_denial()
    {
        await World.SendAsync(Answers.Of(_question, Outcome.Forbid));
        var version = await World.VersionAsync(_grant);

        await World.SendAsync(Answers.Of(_question, Outcome.Permit));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Denied));
        Assert.That(await World.VersionAsync(_grant), Is.EqualTo(version));
    }

    [TestCase("facts")]
    [TestCase("now")]
    public async Task Should_not_count_when_it_was_made_from_something_else(string what)
    {
        await World.SendAsync(
            Answers.Of(
                _question,
                Outcome.Permit,
                d => what == "facts" ? d with { Facts = "sha256:other" } : d with { Now = d.Now.AddSeconds(-1) }
            )
        );

        Assert.That((await Peers.QuestionAsync(_grant, 2)).FactsDigest, Is.EqualTo(_question.FactsDigest));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Evaluating));
    }

    [Test]
    public async Task Should_not_count_after_a_minute()
    {
        World.Clock.Advance(TimeSpan.FromSeconds(61));
        await World.SendAsync(Answers.Of(_question, Outcome.Permit));

        var again = await Peers.QuestionAsync(_grant, 2);
        Assert.That(again.Now - _question.Now, Is.GreaterThan(TimeSpan.FromSeconds(60)));
        await World.SendAsync(Answers.Of(again, Outcome.Permit));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Activating));
    }

    [Test]
    public async Task Should_be_asked_again_with_the_bundle_that_is_in_force()
    {
        var number = Interlocked.Increment(ref _activation);
        await World.AnnounceAsync("sha256:bundle-" + number, number);

        await World.SendAsync(Answers.Of(_question, Outcome.Permit));

        var again = await Peers.QuestionAsync(_grant, 2);
        Assert.That(again.Bundle, Is.EqualTo("sha256:bundle-" + number));
        await World.SendAsync(Answers.Of(again, Outcome.Permit));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Activating));
    }

    [Test]
    public async Task Should_not_put_an_older_bundle_in_force_again()
    {
        var number = Interlocked.Increment(ref _activation);
        await World.AnnounceAsync("sha256:bundle-" + number, number);

        await World.SendAsync(
            new Contracts.Policy.BundleAnnounced
            {
                Activation = number - 1,
                Bundle = "sha256:old",
                Schema = "",
                Engine = "",
                Policies = 1,
                ActivatedAt = DateTimeOffset.UnixEpoch,
            }
        );

        Assert.That(
            await World.ScalarAsync<string>("select data ->> 'bundle' from lifecycle.mt_doc_inforce"),
            Is.EqualTo("sha256:bundle-" + number)
        );
    }

    [Test]
    public async Task Should_be_given_up_when_the_facts_change_each_time()
    {
        for (var i = 1; i <= GrantTransitions.MaxStaleEvaluations; i++)
        {
            // Every vote changes what is to be decided on.
            var (status, _) = await World.CommandAsync(_grant, "approve", TestCatalog.NextActor().HumanName);
            Assert.That(status, Is.EqualTo(System.Net.HttpStatusCode.OK));
            await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, i), Outcome.Permit));
        }

        var (_, grant) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That((string?)grant["state"], Is.EqualTo("denied"));
        Assert.That((string?)grant["decision"]!["reasons"]![0], Is.EqualTo("contention"));
    }

    [Test]
    public async Task Should_be_given_up_when_policy_fails_each_time()
    {
        for (var i = 1; i <= GrantTransitions.MaxFaultedEvaluations; i++)
        {
            Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Evaluating), $"after {i - 1} faults");
            // Told twice, it still is one fault.
            await FailAsync(await Peers.QuestionAsync(_grant, i));
            await FailAsync(await Peers.QuestionAsync(_grant, i));
            await World.SendAsync(new RedriveGrant { GrantId = _grant, Version = await World.VersionAsync(_grant) });
        }

        var (_, grant) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That((string?)grant["state"], Is.EqualTo("denied"));
        Assert.That((string?)grant["decision"]!["reasons"]![0], Is.EqualTo("policy-fault"));
    }

    [Test]
    public async Task Should_be_asked_for_again_when_it_is_missing()
    {
        World.Clock.Advance(TimeSpan.FromSeconds(31));

        Assert.That(await World.Service.RedriveAsync(), Is.GreaterThan(0));

        var again = await Peers.QuestionAsync(_grant, 2);
        Assert.That(again.EvaluationId, Is.Not.EqualTo(_question.EvaluationId));
        await World.SendAsync(Answers.Of(again, Outcome.Permit));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Activating));
    }

    private Task<Exception?> FailAsync(EvaluateAccess question) => World.SendAsync<Fault<EvaluateAccess>>(new PolicyFault(question));
}
