using System.Net;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Relay;

public sealed class When_the_broker_is_away
{
    private World _world = null!;
    private FaultProxy _proxy = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        _proxy = FaultProxy.Start(new Uri(_world.BusUrl).Port);
        await _world.Service.DisposeAsync();
        var through = new UriBuilder(_world.BusUrl) { Port = _proxy.Port }
            .Uri
            .AbsoluteUri;
        await _world.StartServiceAsync("Bus:Url=" + through);
        await _world.Service.ReadyAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _world.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Test]
    public async Task Should_take_commands_lose_nothing_and_say_so()
    {
        var actor = TestCatalog.NextActor();
        var grant = await _world.ActiveAsync(actor);
        await _world.Peers.HoldingAsync(actor.First, 2);
        _proxy.Refuse();

        var (status, view) = await _world.CommandAsync(grant, "revoke", "kim@example.com");
        Assert.That(
            (status, (string?)view["state"]),
            Is.EqualTo((HttpStatusCode.OK, "revoking")),
            "taking access away never waits for the broker"
        );
        await Eventually.Until(
            _world.Service.HealthAsync,
            health => health.Report.Contains("relay: publishing failed", StringComparison.Ordinal),
            TimeSpan.FromSeconds(40)
        );
        Assert.That(await _world.Service.IsReadyAsync(), Is.False);
        Assert.That(_world.Service.Stopping.IsCancellationRequested, Is.False, "a broker that is away is no reason to end");

        _proxy.Heal();
        var command = await Eventually.Until(
            () => Task.FromResult(_world.Peers.Holdings(actor.First).FirstOrDefault(h => h.Revision == 3)),
            Is.Not.Null,
            TimeSpan.FromSeconds(60)
        );
        Assert.That(command!.Leases, Is.Empty);
        await _world.SendAsync(Answers.Observed(command, _world.Clock.Now()));
        await _world.ReachAsync(grant, GrantState.Ended);
        await _world.Service.ReadyAsync();
    }
}
