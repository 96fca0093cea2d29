using System.Net;
using System.Net.Http.Headers;
using Governance.Intake.Tests.Requests;
using Governance.Testing;

namespace Governance.Intake.Tests.Running;

public sealed class When_something_is_away : WithARunningIntake
{
    [Test]
    public async Task Should_hold_requests_while_lifecycle_is_and_still_refuse_bad_ones()
    {
        await _surroundings.Catalog.StopAsync();
        for (var i = 0; i < 3; i++)
        {
            await _client.PublishAsync(Sample.Bytes(Sample.Event("held " + i)));
        }

        await _client.PublishAsync("nothing"u8.ToArray());
        Assert.That((await _client.TakeRejectedAsync(1)).Single().Header("governance-reason"), Is.EqualTo("malformed"));
        await Eventually.Until(
            async () =>
                (
                    await SuiteServers.Current.Management.FindQueueAsync(_surroundings.VirtualHost, "governance.intake.requests")
                )!.Unacknowledged,
            Is.EqualTo(3)
        );
        using (var response = await PostAsync("held by http"))
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(response.Headers.RetryAfter?.Delta, Is.GreaterThan(TimeSpan.Zero));
        }

        Assert.That(await _surroundings.CountEventsAsync("request-received"), Is.Zero);

        await _surroundings.Catalog.StartAsync();

        await _client.TakeRequestedAsync(3);
        await _surroundings.UntilSettledAsync();
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
        using (var response = await PostAsync("held by http"))
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        }
    }

    [Test]
    public async Task Should_say_that_lifecycle_is_in_its_readiness()
    {
        await _surroundings.Catalog.StopAsync();

        var report = await Eventually.Until(ReportAsync, Does.Contain("Lifecycle does not answer"), TimeSpan.FromSeconds(60));

        Assert.That(await _intake.IsReadyAsync(), Is.False);
        Assert.That(report, Does.Contain(_surroundings.Catalog.Url).And.Contain("Unavailable").And.Contain("repeats are still recognised"));
        await _surroundings.Catalog.StartAsync();
        await _intake.UntilReadyAsync();
    }

    [Test]
    public async Task Should_attach_again_when_its_connections_were_cut()
    {
        await Eventually.Until(
            async () => (await SuiteServers.Current.Management.ListConnectionsAsync(_surroundings.VirtualHost)).Count,
            Is.GreaterThanOrEqualTo(3)
        );
        await SuiteServers.Current.Management.CloseConnectionsAsync(_surroundings.VirtualHost);
        await using var client = await AmqpClient.ConnectAsync(_surroundings.Bus);

        await client.PublishAsync(Sample.Bytes(Sample.Event()));

        await client.TakeRequestedAsync(1);
        await _intake.UntilReadyAsync();
    }

    [Test]
    public async Task Should_declare_again_what_was_deleted()
    {
        await using (var channel = await RawChannelAsync())
        {
            await channel.Channel.QueueDeleteAsync("governance.intake.requests", false, false);
        }

        await Eventually.Until(async () =>
            await SuiteServers.Current.Management.FindQueueAsync(_surroundings.VirtualHost, "governance.intake.requests") is not null
        );
        await _intake.UntilReadyAsync();
        await _client.PublishAsync(Sample.Bytes(Sample.Event()));
        await _client.TakeRequestedAsync(1);
    }

    [Test]
    public async Task Should_go_on_when_the_broker_comes_back()
    {
        await _client.PublishAsync(Sample.Bytes(Sample.Event("before")));
        await SuiteServers.Current.StopAsync(SuiteServer.RabbitMq);
        await Eventually.Until(async () => !await _intake.IsReadyAsync());
        await Eventually.Until(ReportAsync, Does.Contain("\"The broker does not answer: "), TimeSpan.FromSeconds(30));

        await SuiteServers.Current.StartAsync(SuiteServer.RabbitMq);

        await using var client = await AmqpClient.ConnectAsync(_surroundings.Bus);
        await client.PublishAsync(Sample.Bytes(Sample.Event("after")));
        var told = await client.TakeRequestedAsync(2);
        Assert.That(
            told.Select(m => m["requestId"]!.GetValue<string>()).Distinct(StringComparer.Ordinal),
            Is.EquivalentTo(new[] { "before", "after" })
        );
        await _intake.UntilReadyAsync();
    }

    [Test]
    public async Task Should_hold_requests_while_the_database_is()
    {
        await SuiteServers.Current.KillAsync(SuiteServer.Postgres);
        await _client.PublishAsync(Sample.Bytes(Sample.Event("while away")));
        await _client.PublishAsync("nothing"u8.ToArray());
        using (var response = await PostAsync("by http"))
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        }

        Assert.That(await _client.CountRejectedAsync(), Is.Zero, "no refusal leaves before it is recorded");

        await SuiteServers.Current.StartAsync(SuiteServer.Postgres);

        await _client.TakeRequestedAsync(1);
        await _client.TakeRejectedAsync(1);
        await _surroundings.UntilSettledAsync();
        await _intake.UntilReadyAsync();
    }

    private async Task<HttpResponseMessage> PostAsync(string id)
    {
        using var content = new ByteArrayContent(Sample.Bytes(Sample.Event(id)));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
        return await _intake.Http.PostAsync(new Uri("/v1/requests", UriKind.Relative), content);
    }

    private async Task<string> ReportAsync()
    {
        using var response = await _intake.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return await response.Content.ReadAsStringAsync();
    }

    private Task<RawChannel> RawChannelAsync() => RawChannel.OpenAsync(_surroundings.Bus);
}
