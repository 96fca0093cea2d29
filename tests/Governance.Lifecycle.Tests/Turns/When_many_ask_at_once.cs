using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Lifecycle.Turns;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Turns;

/// <summary>Time stands still unless a test lets it pass: how long a machine takes must not decide whose turn it is.</summary>
public sealed class When_many_ask_at_once
{
    private Actor _actor = null!;

    private World World { get; set; } = null!;

    private Peers Peers => World.Peers;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        World = await World.CreateAsync();
        World.Clock.Stop();
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await World.DisposeAsync();

    [SetUp]
    public void TakeActor() => _actor = TestCatalog.NextActor();

    [Test]
    public async Task Should_ask_about_the_next_when_one_is_decided()
    {
        var open = await FillAsync(World);
        var next = await World.RequestAsync(_actor);
        Assert.That(await World.EventsAsync(next), Is.EqualTo(new[] { "grant-requested.v1", "evaluation-queued.v1" }));

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(open[0]), Outcome.Forbid));

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(next), Outcome.Permit));
        Assert.That(await World.StateAsync(next), Is.EqualTo(GrantState.Activating));
    }

    [Test]
    public async Task Should_not_wait_for_answers_that_never_come()
    {
        await FillAsync(World);
        var next = await World.RequestAsync(_actor);

        World.Clock.Advance(Line.Patience);

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(next), Outcome.Permit));
        Assert.That(await World.StateAsync(next), Is.EqualTo(GrantState.Activating));
    }

    [Test]
    public async Task Should_not_wait_for_people()
    {
        var open = await FillAsync(World);
        await Eventually.Until(
            async () =>
            {
                var states = await Task.WhenAll(open.Select(World.StateAsync));
                foreach (var grant in open.Where((_, i) => states[i] != GrantState.AwaitingApproval))
                {
                    await World.SendAsync(Answers.Of(await LastQuestionAsync(grant), Outcome.ApprovalRequired));
                }

                return states.Count(s => s == GrantState.AwaitingApproval);
            },
            Is.EqualTo(open.Count),
            TimeSpan.FromSeconds(60)
        );

        var next = await World.RequestAsync(_actor);

        Assert.That(await World.EventsAsync(next), Is.EqualTo(new[] { "grant-requested.v1", "evaluation-started.v1" }));
    }

    [Test]
    public async Task Should_not_wait_for_what_was_withdrawn()
    {
        var open = await FillAsync(World);
        var next = await World.RequestAsync(_actor);

        await World.CommandAsync(open[3], "withdraw", _actor.HumanName);

        Assert.That((await Peers.QuestionAsync(next)).GrantId, Is.EqualTo(next));
    }

    [Test]
    public async Task Should_leave_the_line_when_withdrawn()
    {
        var open = await FillAsync(World);
        var next = await World.RequestAsync(_actor);

        await World.CommandAsync(next, "withdraw", _actor.HumanName);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(open[0]), Outcome.Forbid));

        Assert.That(await World.StateAsync(next), Is.EqualTo(GrantState.Withdrawn));
        Assert.That(await TurnsAsync(World, next), Is.Zero);
        Assert.That(await TurnsAsync(World, open[0]), Is.Zero);
        Assert.That(await TurnsAsync(World, open[1]), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_not_be_denied_for_what_others_are_given_and_lose_meanwhile()
    {
        var patient = await World.RequestAsync(_actor);
        for (var i = 0; i <= GrantTransitions.MaxStaleEvaluations; i += 2)
        {
            var asked = await LastQuestionAsync(patient);
            World.Clock.Advance(Line.Patience);
            var other = await World.ActivatingAsync(_actor, TestCatalog.Writer, _actor.Second);
            await World.SendAsync(Answers.Of(asked, Outcome.Permit));

            asked = await NextQuestionAsync(patient, asked);
            await World.ObserveAsync(_actor.Second);
            await World.CommandAsync(other, "revoke", "kim@example.com");
            await World.ObserveAsync(_actor.Second);
            await World.ReachAsync(other, GrantState.Ended);
            await World.SendAsync(Answers.Of(asked, Outcome.Permit));
            await NextQuestionAsync(patient, asked);
        }

        await World.SendAsync(Answers.Of(await LastQuestionAsync(patient), Outcome.Permit));

        Assert.That(await World.StateAsync(patient), Is.EqualTo(GrantState.Activating));
    }

    [Test]
    public async Task Should_be_found_in_what_is_stored_when_the_process_dies()
    {
        await using var world = await World.CreateAsync();
        world.Clock.Stop();
        await FillAsync(world);
        var next = await world.RequestAsync(_actor);
        await world.Service.DisposeAsync();
        world.Clock.Advance(Line.Patience);

        await world.StartServiceAsync();

        Assert.That((await world.Peers.QuestionAsync(next, within: TimeSpan.FromSeconds(60))).GrantId, Is.EqualTo(next));
    }

    private async Task<List<Guid>> FillAsync(World world)
    {
        var open = new List<Guid>();
        for (var i = 0; i < Line.Width; i++)
        {
            open.Add(await world.RequestAsync(_actor));
        }

        return open;
    }

    private async Task<EvaluateAccess> LastQuestionAsync(Guid grant)
    {
        await Peers.QuestionAsync(grant);
        return Peers.Questions(grant)[^1];
    }

    private Task<EvaluateAccess> NextQuestionAsync(Guid grant, EvaluateAccess last) =>
        Eventually.Until(() => Task.FromResult(Peers.Questions(grant)[^1]), q => q.EvaluationId != last.EvaluationId);

    private static Task<long> TurnsAsync(World world, Guid grant) =>
        world.ScalarAsync<long>("select count(*) from lifecycle.mt_doc_turn where id = $1", grant);
}
