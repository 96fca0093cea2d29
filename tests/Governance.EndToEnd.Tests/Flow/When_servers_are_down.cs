using Governance.Testing;
using static Governance.EndToEnd.Tests.Flow.FlowSuite;

namespace Governance.EndToEnd.Tests.Flow;

[NonParallelizable]
public sealed class When_servers_are_down
{
    [Test]
    public async Task Should_revoke_what_is_still_being_activated()
    {
        var servers = SuiteServers.Current;
        var request = Request(Current.Catalog.Open[0], TimeSpan.FromSeconds(60));
        await servers.StopAsync(SuiteServer.TargetPostgres);
        try
        {
            await PublishAsync(request);
            await Eventually.Until(
                () => Api.GetAsync(request.GrantId),
                grant => grant?.State == "activating" && grant.Body.TryGetProperty("failure", out _),
                TimeSpan.FromSeconds(30)
            );
            IsOk(await Api.CommandAsync(request.GrantId, "revoke", request.Principal.Owner), "revoking");
        }
        finally
        {
            await servers.StartAsync(SuiteServer.TargetPostgres);
        }

        var ended = await StateAsync(request, "ended");
        Assert.That(ended!.Text("endReason"), Is.EqualTo("revoked"));
        Assert.That(await IsMemberAsync(request), Is.False);
    }

    [Test]
    public async Task Should_show_a_failing_revocation_and_heal()
    {
        var servers = SuiteServers.Current;
        var request = await PublishAsync(Request(Current.Catalog.Open[0], TimeSpan.FromSeconds(60)));
        await StateAsync(request, "active");
        await servers.StopAsync(SuiteServer.TargetPostgres);
        try
        {
            IsOk(await Api.CommandAsync(request.GrantId, "revoke", request.Principal.Owner), "revoking");
            var failed = await StateAsync(request, "revoke-failed");
            Assert.That(failed!.Body.GetProperty("failure").GetProperty("code").GetString(), Is.Not.Empty);
        }
        finally
        {
            await servers.StartAsync(SuiteServer.TargetPostgres);
        }

        await StateAsync(request, "ended");
        Assert.That(await IsMemberAsync(request), Is.False);
    }

    [Test]
    public async Task Should_lose_nothing_while_the_suites_database_is_away()
    {
        var servers = SuiteServers.Current;
        var principal = Request(Current.Catalog.Open[3], TimeSpan.FromSeconds(1)).Principal;
        var requests = Enumerable.Range(0, 20).Select(_ => Request(Current.Catalog.Open[3], TimeSpan.FromSeconds(1), principal)).ToList();
        foreach (var request in requests)
        {
            await PublishAsync(request);
        }

        await Eventually.Until(() => Api.GetAsync(requests[0].GrantId), Is.Not.Null, TimeSpan.FromSeconds(30));
        await servers.StopAsync(SuiteServer.Postgres);
        await Task.Delay(TimeSpan.FromSeconds(4));
        await servers.StartAsync(SuiteServer.Postgres);

        foreach (var request in requests)
        {
            await StateAsync(request, "ended", TimeSpan.FromSeconds(60));
        }

        var queues = await servers.Management.ListQueuesAsync(Current.VirtualHost);
        Assert.That(queues.Where(q => q.Name.EndsWith("_error", StringComparison.Ordinal) && q.Messages > 0).Select(q => q.Name), Is.Empty);
    }

    [Test]
    public async Task Should_not_be_ready_while_the_relay_can_not_publish()
    {
        var servers = SuiteServers.Current;
        var lifecycle = Current.Of("lifecycle")[0];
        await servers.StopAsync(SuiteServer.RabbitMq);
        try
        {
            await Eventually.Until(lifecycle.HealthAsync, Does.Contain("503"), TimeSpan.FromSeconds(30));
            Assert.That(await lifecycle.StatusAsync("/health/live"), Is.EqualTo(200), "it is no reason to restart it");
        }
        finally
        {
            await servers.StartAsync(SuiteServer.RabbitMq);
        }

        await Current.ReadyAsync();
        var request = await PublishAsync(Request(Current.Catalog.Open[0], TimeSpan.FromSeconds(1)));
        await StateAsync(request, "ended");
    }
}
