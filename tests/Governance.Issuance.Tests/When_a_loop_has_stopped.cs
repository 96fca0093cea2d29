using Governance.Issuance.Reconciling;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Governance.Issuance.Tests;

public sealed class When_a_loop_has_stopped
{
    [Test]
    public async Task Should_not_be_ready_and_name_it()
    {
        var clock = new FakeTimeProvider();
        var heartbeats = new Heartbeats(clock);
        var check = new LoopHealthCheck(heartbeats, Options.Create(new IssuanceOptions()));
        Assert.That((await check.CheckHealthAsync(new())).Status, Is.EqualTo(HealthStatus.Unhealthy));

        heartbeats.Beat("orders-db");
        heartbeats.Beat("ledger-db");
        Assert.That((await check.CheckHealthAsync(new())).Status, Is.EqualTo(HealthStatus.Healthy));

        clock.Advance(TimeSpan.FromSeconds(12));
        heartbeats.Beat("orders-db");
        var result = await check.CheckHealthAsync(new());
        Assert.That(result.Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(result.Description, Does.Contain("ledger-db").And.Not.Contain("orders-db"));
    }
}
