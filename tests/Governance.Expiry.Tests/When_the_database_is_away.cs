using Governance.Expiry.Tests.Running;
using Governance.Testing;
using Npgsql;

namespace Governance.Expiry.Tests;

[NonParallelizable]
public sealed class When_the_database_is_away
{
    private readonly Guid _grant = Guid.NewGuid();
    private World _world = null!;

    [SetUp]
    public async Task StartAsync() => _world = await World.CreateAsync();

    [TearDown]
    public async Task StopAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _world.DisposeAsync();
    }

    [Test]
    public async Task Should_keep_what_arrives_and_fire_when_it_is_back()
    {
        var replica = await _world.StartReplicaAsync();
        await SuiteServers.Current.KillAsync(SuiteServer.Postgres);
        try
        {
            await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow.AddSeconds(1));
            await Eventually.Until(() => Task.FromResult(replica.Log.Of("MessageHeld").Count), Is.GreaterThan(3), TimeSpan.FromSeconds(30));
            Assert.That(await replica.IsReadyAsync(), Is.False);
        }
        finally
        {
            await SuiteServers.Current.StartAsync(SuiteServer.Postgres);
        }

        var back = DateTimeOffset.UtcNow;
        var reached = await _world.Lifecycle.ReachedAsync(_grant, within: TimeSpan.FromSeconds(30));
        await TestContext.Out.WriteLineAsync($"fired {(reached[0].At - back).TotalSeconds:F1} s after the database was back");
        await replica.ReadyAsync();
        await _world.AssertNoErrorsAsync();
    }

    [Test]
    public async Task Should_give_back_what_it_holds_when_it_is_stopped_meanwhile()
    {
        var replica = await _world.StartReplicaAsync();
        await SuiteServers.Current.StopAsync(SuiteServer.Postgres);
        try
        {
            await _world.Lifecycle.SetAsync(_grant, DateTimeOffset.UtcNow);
            await Eventually.Until(() => Task.FromResult(replica.Log.Of("MessageHeld")), Is.Not.Empty);
            await replica.StopAsync();
        }
        finally
        {
            await SuiteServers.Current.StartAsync(SuiteServer.Postgres);
        }

        await _world.StartReplicaAsync();
        await _world.Lifecycle.ReachedAsync(_grant, within: TimeSpan.FromSeconds(30));
        await _world.AssertNoErrorsAsync();
    }
}
