using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Intake.Tests.Requests;
using Governance.Intake.Tests.Tickets;
using RabbitMQ.Client;

namespace Governance.Intake.Tests.Running;

/// <summary>A believed close ends access whatever is wrong with its envelope and its form, by every door; nothing else is taken like that.</summary>
public sealed class When_a_close_is_badly_sent : WithARunningIntake
{
    private const string Path = "/v1/tickets";
    private const string Stored = "ticket-change-received.v1";
    private const string Events = "application/cloudevents+json";

    [Test]
    public async Task Should_count_over_amqp()
    {
        await using var itsm = await AmqpClient.ConnectAsync(await _surroundings.TrustedBusAsync());
        var closes = Closes("s");
        foreach (var close in closes)
        {
            await itsm.PublishAsync(Sample.Bytes(close), p => p.UserId = CatalogStandIn.TrustedUser);
        }

        // The same again is the same.
        await itsm.PublishAsync(Sample.Bytes(closes[0]), p => p.UserId = CatalogStandIn.TrustedUser);

        await AssertAreToldAsync(closes);
    }

    [TestCase("ce-")]
    [TestCase("ce_")]
    [TestCase("cloudEvents:")]
    [TestCase("cloudEvents_")]
    public async Task Should_count_in_binary_mode_over_amqp(string prefix)
    {
        await using var itsm = await AmqpClient.ConnectAsync(await _surroundings.TrustedBusAsync());
        var closes = Closes("b");
        foreach (var close in closes.Append(closes[0]))
        {
            await itsm.PublishAsync(Sample.Bytes(close["data"]!), p => AsHeaders(close, prefix, p));
        }

        await AssertAreToldAsync(closes);
    }

    [Test]
    public async Task Should_be_one_close_in_any_mode_and_by_any_door()
    {
        await using var itsm = await AmqpClient.ConnectAsync(await _surroundings.TrustedBusAsync());
        var close = TicketSample.With("time", "9999-99-99");
        await itsm.PublishAsync(Sample.Bytes(close["data"]!), p => AsHeaders(close, "ce-", p));
        await _client.TakeTicketsAsync(1);
        await itsm.PublishAsync(Sample.Bytes(close), p => p.UserId = CatalogStandIn.TrustedUser);

        var structured = await PostAsync(Sample.Bytes(close), Events);
        var binary = await PostAsync(Sample.Bytes(close["data"]!), "application/json", Headers(close));

        Assert.That((structured.Status, binary.Status), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        await _surroundings.UntilSettledAsync();
        Assert.That(await _surroundings.CountEventsAsync(Stored), Is.EqualTo(1));
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
    }

    [Test]
    public async Task Should_count_over_http()
    {
        var structured = Closes("s");
        var binary = Closes("b");
        var otherwise = Closes("o");
        foreach (var close in structured)
        {
            Assert.That((await PostAsync(Sample.Bytes(close), Events)).Status, Is.EqualTo(HttpStatusCode.Accepted), close.ToJsonString());
        }

        foreach (var close in binary)
        {
            var answer = await PostAsync(Sample.Bytes(close["data"]!), "application/json", Headers(close));
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Accepted), close.ToJsonString());
        }

        foreach (var close in otherwise)
        {
            var answer = await PostAsync(Sample.Bytes(close), "text/plain");
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Accepted), close.ToJsonString());
        }

        await AssertAreToldAsync([.. structured, .. binary, .. otherwise]);
    }

    [Test]
    public async Task Should_take_nothing_else_like_that()
    {
        await using var itsm = await AmqpClient.ConnectAsync(await _surroundings.TrustedBusAsync());
        List<(JsonObject Message, string Path)> others =
        [
            .. BadMessages.Attributes().Select(a => (Sample.With(a.Path, a.Value), "/v1/requests")),
            .. TicketMessages.Envelopes().Select(m => ((JsonObject)JsonNode.Parse(m.Body)!, Path)),
        ];
        foreach (var (message, path) in others)
        {
            await itsm.PublishAsync(Sample.Bytes(message), p => p.UserId = CatalogStandIn.TrustedUser);
            var (status, problem) = await PostAsync(Sample.Bytes(message), Events, [], path);
            Assert.That((status, problem["code"]!.GetValue<string>()), Is.EqualTo((HttpStatusCode.BadRequest, "invalid")));
        }

        foreach (var (message, path) in new[] { (Sample.Event(), "/v1/requests"), (TicketSample.With("data.closed", false), Path) })
        {
            await itsm.PublishAsync(Sample.Bytes(message["data"]!), p => AsHeaders(message, "ce-", p));
            Assert.That(
                (await PostAsync(Sample.Bytes(message["data"]!), "application/json", Headers(message), path)).Status,
                Is.EqualTo(HttpStatusCode.UnsupportedMediaType)
            );
            Assert.That(
                (await PostAsync(Sample.Bytes(message), "text/plain", [], path)).Status,
                Is.EqualTo(HttpStatusCode.UnsupportedMediaType)
            );
        }

        var reasons = (await _client.TakeRejectedAsync(others.Count + 2)).Select(m => m.Header("governance-reason")).ToList();
        Assert.That(reasons.Count(r => r == "invalid"), Is.EqualTo(others.Count));
        Assert.That(reasons.Count(r => r == "binary-mode"), Is.EqualTo(2));
        Assert.That(await _surroundings.CountEventsAsync(Stored) + await _surroundings.CountEventsAsync("request-received"), Is.Zero);
    }

    [Test]
    public async Task Should_refuse_a_close_whose_headers_give_it_two_ids()
    {
        var close = TicketSample.Event();

        var (status, _) = await PostAsync(Sample.Bytes(close["data"]!), "application/json", [.. Headers(close), ("ce-id", "another")]);

        Assert.That(status, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
        Assert.That(await _surroundings.CountEventsAsync(Stored), Is.Zero);
    }

    private static List<JsonObject> Closes(string prefix) =>
        [
            .. TicketMessages
                .Envelopes()
                .Select(
                    (bad, i) =>
                    {
                        var close = (JsonObject)JsonNode.Parse(bad.Body)!;
                        close["data"]!["closed"] = true;
                        close["id"] = $"{prefix} {i}";
                        return close;
                    }
                ),
        ];

    private Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(
        byte[] body,
        string type,
        (string, string)[]? headers = null,
        string path = Path
    ) => _intake.PostAsync(path, body, type, [.. headers ?? [], ("X-Governance-Actor", CatalogStandIn.TrustedCaller)]);

    // As the binding for HTTP has it: what is no visible ASCII is percent-encoded.
    private static (string, string)[] Headers(JsonObject message) =>
        [
            .. Attributes(message)
                .Append(new("specversion", "1.0"))
                .DistinctBy(a => a.Key, StringComparer.Ordinal)
                .Select(a => ("ce-" + a.Key, Uri.EscapeDataString(a.Value?.ToString() ?? ""))),
        ];

    private static void AsHeaders(JsonObject message, string prefix, BasicProperties properties)
    {
        properties.UserId = CatalogStandIn.TrustedUser;
        properties.ContentType = "application/json";
        properties.Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [prefix + "specversion"] = "1.0" };
        foreach (var (name, value) in Attributes(message))
        {
            properties.Headers[prefix + name] = value?.GetValueKind() switch
            {
                null => null,
                System.Text.Json.JsonValueKind.Number when value.AsValue().TryGetValue<int>(out var number) => number,
                _ => Encoding.UTF8.GetBytes(value.ToString()),
            };
        }
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Attributes(JsonObject message) => message.Where(a => a.Key != "data");

    private async Task AssertAreToldAsync(List<JsonObject> closes)
    {
        var told = await _client.TakeTicketsAsync(closes.Count);
        await _surroundings.UntilSettledAsync();
        Assert.That(told.Select(t => t["eventId"]!.GetValue<string>()), Is.EquivalentTo(closes.Select(c => c["id"]!.GetValue<string>())));
        Assert.That(told.Select(t => t["closed"]!.GetValue<bool>()), Is.All.True);
        Assert.That(told.Select(t => t["ticket"]!["assurance"]!.GetValue<string>()), Is.All.EqualTo("verified"));
        Assert.That(await _surroundings.CountEventsAsync(Stored), Is.EqualTo(closes.Count));
        Assert.That(await _client.CountRejectedAsync(), Is.Zero);
        Assert.That(await _surroundings.CountEventsAsync("request-refused"), Is.Zero);
    }
}
