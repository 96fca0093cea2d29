using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Installation;
using Governance.Lifecycle.KillSwitch;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Governance.Lifecycle.Tests.KillSwitch;

/// <summary>An order that is given is carried out, whoever dies meanwhile and however many work on it.</summary>
public sealed class When_replicas_come_and_go
{
    private const int Grants = 30;
    private World _world = null!;
    private Orders _orders = null!;
    private Guid[] _grants = [];

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync("Lifecycle:RevocationConcurrency=2");
        _orders = new Orders(_world);
        _grants = await Task.WhenAll(Enumerable.Range(0, Grants).Select(_ => _orders.AwaitingAsync(TestCatalog.NextActor())));
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_go_on_after_a_restart_in_the_middle()
    {
        var stuck = await _world.ScalarAsync<string>("select data ->> 'principal' from lifecycle.mt_doc_grant where id = $1", _grants[0]);
        await using var holder = await _world.Sql.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1, 0))", holder, transaction))
        {
            hold.Parameters.Add(new() { Value = InstallationLock.OfPrincipal(stuck!) });
            await hold.ExecuteNonQueryAsync();
        }

        var order = await _orders.GiveAsync(new { target = "orders-db" }, confirm: Grants);
        // All but the one that somebody holds.
        await Eventually.Until(() => DeniedAsync(), Is.EqualTo(Grants - 1L), TimeSpan.FromSeconds(60));
        await _world.Service.StopAsync();
        await transaction.RollbackAsync();
        Assert.That(await _world.StateAsync(_grants[0]), Is.EqualTo(GrantState.AwaitingApproval));

        await _world.StartServiceAsync();
        await _world.Service.ReadyAsync();

        var finished = await _orders.FinishedAsync(order);
        Assert.That(((int)finished["prevented"]!, (int)finished["matched"]!), Is.EqualTo((Grants, Grants)));
        await EndedOnceAsync();
    }

    [Test]
    public async Task Should_be_begun_by_whoever_comes_up_after_the_one_that_took_it()
    {
        await _world.Service.Services.GetServices<IHostedService>().OfType<Revoker>().Single().StopAsync(CancellationToken.None);
        var order = await _orders.GiveAsync(new { target = "orders-db" }, confirm: Grants);
        await _world.Service.StopAsync();
        Assert.That(await DeniedAsync(), Is.Zero, "it was only recorded");

        await _world.StartServiceAsync();
        await _world.Service.ReadyAsync();

        await _orders.FinishedAsync(order);
        await EndedOnceAsync();
    }

    [Test]
    public async Task Should_be_shared_by_replicas()
    {
        await using var replica = await Service.StartAsync(_world.Database, _world.BusUrl, _world.Catalog, _world.Clock);
        await replica.ReadyAsync();

        var order = await _orders.GiveAsync(new { target = "orders-db" }, confirm: Grants);

        await _orders.FinishedAsync(order);
        await EndedOnceAsync();
        Assert.That(
            (await _world.EventsAsync(order)).Count(e => e is "revocation-finished.v1" or "revocation-accounted.v1"),
            Is.EqualTo(2),
            "accounted for once"
        );
    }

    private Task<long> DeniedAsync() =>
        _world.ScalarAsync<long>("select count(*) from lifecycle.mt_doc_grant where data ->> 'currentState' = 'Denied'");

    private async Task EndedOnceAsync()
    {
        foreach (var grant in _grants)
        {
            Assert.That((await _world.EventsAsync(grant)).Count(e => e == "grant-denied.v1"), Is.EqualTo(1));
        }
    }
}
