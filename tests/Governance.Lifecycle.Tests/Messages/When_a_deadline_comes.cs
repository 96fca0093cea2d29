using Governance.Contracts.Expiry;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Messages;

public sealed class When_a_deadline_comes : WorldFixture
{
    private Actor _actor = null!;
    private Guid _grant;
    private SetDeadline _expiry = null!;

    [SetUp]
    public async Task ActivateAsync()
    {
        _actor = TestCatalog.NextActor();
        _grant = await World.ActiveAsync(_actor);
        _expiry = await Peers.DeadlineAsync(_grant, DeadlineKinds.Expiry);
    }

    [Test]
    public async Task Should_end_the_access_once_however_often_it_is_told()
    {
        await World.SendTwiceAsync(Answers.Reached(_expiry));

        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Revoking));
        Assert.That((await World.EventsAsync(_grant)).Count(e => e == "revocation-started.v1"), Is.EqualTo(1));
        Assert.That(await World.RevisionsAsync(_actor.First), Is.EqualTo(new[] { 1L, 2L, 3L }));
        await AcknowledgedAsync(_expiry.Kind, _expiry.Revision);
        await World.ObserveAsync(_actor.First);
        var (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That((string?)view["endReason"], Is.EqualTo("expired"));
    }

    [Test]
    public async Task Should_be_set_again_when_it_is_not_the_one_that_counts()
    {
        var before = Peers.Deadlines(_grant, DeadlineKinds.Expiry).Count;

        await World.SendAsync(Answers.Reached(_expiry) with { Revision = _expiry.Revision - 1 });

        var again = await Eventually.Until(() => Task.FromResult(Peers.Deadlines(_grant, DeadlineKinds.Expiry)), d => d.Count > before);
        Assert.That(again.Select(d => (d.Revision, d.Due)), Is.All.EqualTo((_expiry.Revision, _expiry.Due)));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Active));
    }

    [Test]
    public async Task Should_be_set_above_what_expiry_holds_when_that_is_more()
    {
        await World.SendAsync(Answers.Reached(_expiry) with { Revision = _expiry.Revision + 7 });

        var again = await Eventually.Until(
            () => Task.FromResult(Peers.Deadlines(_grant, DeadlineKinds.Expiry)),
            d => d.Any(x => x.Revision == _expiry.Revision + 8)
        );
        Assert.That(again.Select(d => d.Due), Is.All.EqualTo(_expiry.Due));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Active));
        await World.SendAsync(Answers.Reached(again[^1]));
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Revoking));
    }

    [Test]
    public async Task Should_be_acknowledged_when_it_was_cancelled()
    {
        var version = await World.VersionAsync(_grant);
        var activation = await Peers.DeadlineAsync(_grant, DeadlineKinds.Activation);

        await World.SendAsync(Answers.Reached(activation));

        await AcknowledgedAsync(DeadlineKinds.Activation, activation.Revision);
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Active));
        Assert.That(await World.VersionAsync(_grant), Is.EqualTo(version));
    }

    [Test]
    public async Task Should_be_acknowledged_when_the_grant_is_over()
    {
        await World.CommandAsync(_grant, "revoke", "kim@example.com");
        await World.ObserveAsync(_actor.First);

        await World.SendAsync(Answers.Reached(_expiry));

        await AcknowledgedAsync(_expiry.Kind, _expiry.Revision);
        Assert.That(await World.StateAsync(_grant), Is.EqualTo(GrantState.Ended));
    }

    [Test]
    public async Task Should_not_be_needed_when_it_is_never_delivered()
    {
        World.Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(6));

        await World.Service.RedriveAsync();

        await World.ReachAsync(_grant, GrantState.Revoking);
        await World.ObserveAsync(_actor.First);
        var (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That((string?)view["endReason"], Is.EqualTo("expired"));
    }

    [Test]
    public async Task Should_give_up_an_activation_that_takes_too_long_even_when_it_is_never_delivered()
    {
        var other = TestCatalog.NextActor();
        var grant = await World.ActivatingAsync(other);
        World.Clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(6));

        await World.Service.RedriveAsync();

        await World.ReachAsync(grant, GrantState.Revoking);
        await World.ObserveAsync(other.First);
        Assert.That(
            await World.ScalarAsync<string>("select data ->> 'endReason' from lifecycle.mt_doc_grant where id = $1", grant),
            Is.EqualTo(EndReason.ActivationFailed)
        );
    }

    [Test]
    public async Task Should_be_set_again_when_expiry_failed_to_take_it()
    {
        var before = Peers.Deadlines(_grant, DeadlineKinds.Expiry).Count;

        await World.SendAsync<MassTransit.Fault<SetDeadline>>(new DeadlineFault(_expiry));

        await Eventually.Until(() => Task.FromResult(Peers.Deadlines(_grant, DeadlineKinds.Expiry).Count), Is.EqualTo(before + 1));
    }

    private Task<bool> AcknowledgedAsync(string kind, long revision) =>
        Eventually.Until(
            () =>
                Task.FromResult(
                    Peers.All<DeadlineAcknowledged>().Any(a => a.GrantId == _grant && a.Kind == kind && a.Revision == revision)
                ),
            Is.True
        );

    private sealed record DeadlineFault(SetDeadline Message) : MassTransit.Fault<SetDeadline>
    {
        public Guid FaultId { get; } = Guid.NewGuid();

        public Guid? FaultedMessageId => null;

        public DateTime Timestamp { get; } = DateTime.UnixEpoch;

        public MassTransit.ExceptionInfo[] Exceptions { get; init; } = [];

        public MassTransit.HostInfo Host => null!;

        public string[] FaultMessageTypes => [];
    }
}
