using Governance.Contracts.Decisions;
using Governance.Contracts.Expiry;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.Races;

public sealed class When_a_start_is_scheduled : WorldFixture
{
    private Actor _actor = null!;
    private Guid _grant;

    [SetUp]
    public async Task ScheduleAsync()
    {
        _actor = TestCatalog.NextActor();
        var request = Requests.Of(_actor) with { NotBefore = World.Clock.Now().AddMinutes(10) };
        _grant = request.GrantId;
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant), Outcome.Permit));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Scheduled));
    }

    [TestCase(Outcome.Permit, GrantState.Activating)]
    [TestCase(Outcome.Forbid, GrantState.Denied)]
    [TestCase(Outcome.ApprovalRequired, GrantState.AwaitingApproval)]
    public async Task Should_be_decided_again_when_it_comes(Outcome outcome, string state)
    {
        await StartAsync();

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), outcome));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(state));
    }

    [Test]
    public async Task Should_count_as_held()
    {
        var other = await World.RequestAsync(_actor, TestCatalog.Approver, _actor.Second);

        Assert.That(Answers.FactsOf(await Peers.QuestionAsync(other)).Actor!.Held, Is.EqualTo(new[] { TestCatalog.Readonly }));
        Assert.That(Peers.Holdings(_actor.First), Is.Empty, "nothing is given yet");
    }

    [Test]
    public async Task Should_be_found_when_the_deadline_is_never_delivered()
    {
        World.Clock.Advance(TimeSpan.FromMinutes(11));

        await World.Service.RedriveAsync();

        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant, 2), Outcome.Permit));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Activating));
    }

    private async Task StartAsync()
    {
        var start = await Peers.DeadlineAsync(_grant, DeadlineKinds.Start);
        World.Clock.Advance(TimeSpan.FromMinutes(10));
        await World.SendAsync(
            new DeadlineReached
            {
                GrantId = _grant,
                Kind = start.Kind,
                Due = start.Due,
                Revision = start.Revision,
            }
        );
    }
}
