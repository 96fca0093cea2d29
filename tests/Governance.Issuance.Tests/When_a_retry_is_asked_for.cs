using Governance.Contracts.Lifecycle;
using Governance.Testing;

namespace Governance.Issuance.Tests;

/// <summary>The back-off is so long that nothing but a word from outside ends it in these tests.</summary>
public sealed class When_a_retry_is_asked_for : IssuanceFixture
{
    private TargetBinding _binding = null!;

    [SetUp]
    public async Task FailAsync()
    {
        Set("Issuance:BackOff", "00:01:00");
        Set("Issuance:MaxBackOff", "01:00:00");
        Set("Issuance:MaxRemovalBackOff", "01:00:00");
        _binding = await Orders.CreateBindingAsync();
        await Orders.ExecuteAsync($"drop role {_binding.Account}");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_try_what_waits_now(bool wholeTarget)
    {
        AddTarget("orders-db", Orders.ConnectionString);
        await StartReplicaAsync();
        await Lifecycle.AskAsync(_binding, revision: 1, leases: 1);
        var failure = await Lifecycle.FailureAsync(1);
        Assert.That(failure.NextAttemptAt - failure.FailedAt, Is.GreaterThan(TimeSpan.FromSeconds(20)));
        await Orders.ExecuteAsync($"create role {_binding.Account}");

        await Lifecycle.RetryAsync(
            wholeTarget
                ? new RetryHoldings { Target = "orders-db" }
                : new RetryHoldings { Principal = "svc-reporting", Entitlement = "orders-db/readonly" }
        );

        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
    }

    [Test]
    public async Task Should_try_what_failed_when_the_configuration_was_corrected()
    {
        AddTarget("orders-db", new Npgsql.NpgsqlConnectionStringBuilder(Orders.ConnectionString) { Password = "wrong" }.ConnectionString);
        var wrong = await StartReplicaAsync();
        await Orders.ExecuteAsync($"create role {_binding.Account}");
        await Lifecycle.AskAsync(_binding, revision: 1, leases: 1);
        Assert.That((await Lifecycle.FailureAsync(1)).Code, Is.EqualTo("refused"));
        await wrong.StopAsync();

        Set("Issuance:Targets:0:ConnectionString", Orders.ConnectionString);
        await StartReplicaAsync();

        Assert.That((await Lifecycle.AnswerAsync(1)).Direct, Is.True);
    }
}
