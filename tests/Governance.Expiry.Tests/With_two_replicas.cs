using Governance.Expiry.Schema;
using Governance.Expiry.Tests.Running;
using Governance.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Governance.Expiry.Tests;

public sealed class With_two_replicas
{
    private World _world = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        await Task.WhenAll(
            _world.StartReplicaAsync(clock: null, "BatchSize=20", "FirstRepeat=00:01:00"),
            _world.StartReplicaAsync(clock: null, "BatchSize=20", "FirstRepeat=00:01:00")
        );
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_fire_each_deadline_once_a_round()
    {
        var due = DateTimeOffset.UtcNow.AddSeconds(3);
        var grants = Enumerable.Range(0, 400).Select(_ => Guid.NewGuid()).ToArray();
        await Task.WhenAll(grants.Select(g => _world.Lifecycle.SetAsync(g, due)));
        await Eventually.Until(() => Task.FromResult(grants.All(g => _world.Lifecycle.Of(g).Count > 0)), TimeSpan.FromSeconds(20));
        await _world.PassAsync(TimeSpan.FromSeconds(1));

        var reached = _world.Lifecycle.All.Where(r => grants.Contains(r.Message.GrantId)).ToList();
        await TestContext.Out.WriteLineAsync(
            $"duplicates {reached.Count - grants.Length}, latest {(reached.Max(r => r.At) - due).TotalMilliseconds:F0} ms"
        );

        Assert.That(reached, Has.Count.EqualTo(grants.Length));
        Assert.That(await _world.ScalarAsync<long>("select count(*) from expiry.deadlines where firings > 1"), Is.Zero);
    }

    [Test]
    public async Task Should_go_on_when_one_stops()
    {
        var third = await _world.StartReplicaAsync();
        var grant = Guid.NewGuid();
        await _world.Lifecycle.SetAsync(grant, DateTimeOffset.UtcNow.AddSeconds(1));
        await third.StopAsync();

        await _world.Lifecycle.ReachedAsync(grant);
        await _world.AssertNoErrorsAsync();
    }

    [Test]
    public async Task Should_prepare_the_schema_once()
    {
        var fresh = await SuiteServers.Current.CreateDatabaseAsync("expiry");
        await using var database = Npgsql.NpgsqlDataSource.Create(fresh);

        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Migrator.MigrateAsync(database, NullLogger.Instance, CancellationToken.None))
        );

        await using var command = database.CreateCommand("select count(*) from expiry.steps");
        Assert.That(await command.ExecuteScalarAsync(), Is.EqualTo(1L));
    }
}
