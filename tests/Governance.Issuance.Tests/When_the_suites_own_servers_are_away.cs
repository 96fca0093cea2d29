using Governance.Testing;

namespace Governance.Issuance.Tests;

public sealed class When_the_suites_own_servers_are_away : IssuanceFixture
{
    [Test]
    public async Task Should_answer_once_the_broker_is_back()
    {
        using var reached = new SemaphoreSlim(0);
        using var open = new SemaphoreSlim(0);
        Gates.BeforeApply = async (_, deadline, token) =>
        {
            reached.Release();
            await open.WaitAsync(token);
            return (deadline, token);
        };
        AddTarget("orders-db", Orders.ConnectionString, attemptTimeout: "00:00:30", kind: "gated");
        await StartReplicaAsync();
        var binding = await Orders.CreateBindingAsync();
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);
        Assert.That(await reached.WaitAsync(TimeSpan.FromSeconds(10)), Is.True);
        await SuiteServers.Current.StopAsync(SuiteServer.RabbitMq);
        try
        {
            open.Release(100);
            await Eventually.Until(
                () => ReadAsync<bool>("select observed_revision = 1 and answer_due is not null from issuance.holdings"),
                Is.True
            );
        }
        finally
        {
            await SuiteServers.Current.StartAsync(SuiteServer.RabbitMq);
        }

        Assert.That((await Lifecycle.AnswerAsync(1, timeout: TimeSpan.FromSeconds(60))).Direct, Is.True);
        await Eventually.Until(
            () => ReadAsync<bool>("select answer_due is null from issuance.holdings"),
            Is.True,
            TimeSpan.FromSeconds(30)
        );
    }

    [Test]
    public async Task Should_go_on_once_the_database_is_back()
    {
        AddTarget("orders-db", Orders.ConnectionString, attemptTimeout: "00:00:02");
        var replica = await StartReplicaAsync();
        var binding = await GivenAsync();
        await SuiteServers.Current.KillAsync(SuiteServer.Postgres);
        try
        {
            Assert.That(await IsReadyAsync(replica), Is.False);
            // Longer away than the bus retries by itself.
            await Lifecycle.AskAsync(binding, revision: 2, leases: 0);
            var asked = TimeProvider.System.GetTimestamp();
            await Eventually.Until(
                () => Task.FromResult(TimeProvider.System.GetElapsedTime(asked)),
                Is.GreaterThan(TimeSpan.FromSeconds(3))
            );
        }
        finally
        {
            await SuiteServers.Current.StartAsync(SuiteServer.Postgres);
        }

        Assert.That((await Lifecycle.AnswerAsync(2, timeout: TimeSpan.FromSeconds(60))).Direct, Is.False);
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
        await Eventually.Until(() => IsReadyAsync(replica));
    }
}
