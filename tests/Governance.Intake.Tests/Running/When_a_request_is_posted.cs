using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Intake.Tests.Requests;
using Governance.Testing;

namespace Governance.Intake.Tests.Running;

public sealed class When_a_request_is_posted
{
    private const string Events = "application/cloudevents+json";
    private const string Json = "application/json";

    private Surroundings _surroundings = null!;
    private RunningIntake _intake = null!;
    private AmqpClient _client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _surroundings = await Surroundings.CreateAsync();
        _intake = await RunningIntake.StartAsync(_surroundings);
        _client = await AmqpClient.ConnectAsync(_surroundings.Bus);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _client.DisposeAsync();
        await _intake.DisposeAsync();
        await _surroundings.DisposeAsync();
    }

    [Test]
    public async Task Should_answer_with_the_grant_and_where_to_look()
    {
        using var response = await PostAsync(Sample.Bytes(Sample.Event("http-1")), Events);

        var id = NameBasedUuid.ForRequest(Sample.Source, "http-1", null);
        var url = $"https://governance.example.com/v1/grants/{id}";
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(response.Headers.Location, Is.EqualTo(new Uri(url)));
        var body = await BodyAsync(response);
        Assert.That(
            (body["id"]!.GetValue<Guid>(), body["status"]!.GetValue<string>(), body["duplicate"]!.GetValue<bool>()),
            Is.EqualTo((id, url, false))
        );
    }

    [Test]
    public async Task Should_take_data_alone_under_the_callers_key()
    {
        using var first = await PostAsync(
            Sample.Bytes(Sample.Data()),
            Json,
            ("Idempotency-Key", "k-1"),
            ("X-Governance-Actor", "dana@example.com")
        );
        using var again = await PostAsync(
            Sample.Bytes(Sample.Data()),
            Json,
            ("Idempotency-Key", "k-1"),
            ("X-Governance-Actor", "dana@example.com")
        );
        using var anonymous = await PostAsync(Sample.Bytes(Sample.Data()), Json, ("Idempotency-Key", "k-1"));

        Assert.That(
            (first.StatusCode, again.StatusCode, anonymous.StatusCode),
            Is.EqualTo((HttpStatusCode.Accepted, HttpStatusCode.OK, HttpStatusCode.Accepted))
        );
        Assert.That(
            (await BodyAsync(first))["id"]!.GetValue<Guid>(),
            Is.EqualTo(NameBasedUuid.ForRequest("urn:governance:http:p-2", "k-1"))
        );
        Assert.That(
            (await BodyAsync(anonymous))["id"]!.GetValue<Guid>(),
            Is.EqualTo(NameBasedUuid.ForRequest("urn:governance:http:anonymous", "k-1"))
        );
    }

    [Test]
    public async Task Should_make_a_request_of_its_own_of_data_without_a_key()
    {
        using var first = await PostAsync(Sample.Bytes(Sample.Data()), Json);
        using var second = await PostAsync(Sample.Bytes(Sample.Data()), Json);

        Assert.That((await BodyAsync(first))["id"]!.GetValue<Guid>(), Is.Not.EqualTo((await BodyAsync(second))["id"]!.GetValue<Guid>()));
    }

    [TestCase("dana@example.com", "verified", Description = "the last of them asks")]
    [TestCase("agent-triage", "claimed", Description = "an identity says so itself")]
    [TestCase(null, "claimed")]
    public async Task Should_believe_only_who_is_acted_for(string? caller, string assurance)
    {
        var id = Guid.NewGuid().ToString();
        var message = Sample.Event(id);
        message["data"]!["principal"] = "agent-triage";
        message["data"]!["requester"] = "agent-triage";
        message["data"]!["onBehalfOf"] = new JsonArray("svc-reporting", "dana@example.com");

        using var response = await PostAsync(Sample.Bytes(message), Events, caller is null ? [] : [("X-Governance-Actor", caller)]);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var stored = (await _surroundings.ReadEventsAsync("request-received"))
            .Select(e => JsonNode.Parse(e)!)
            .Single(e => e["requestId"]!.GetValue<string>() == id);
        Assert.That(stored["delegationAssurance"]!.GetValue<string>(), Is.EqualTo(assurance));
    }

    [TestCase("dana@example.com", "verified", "verified", "p-2")]
    [TestCase("omar@example.com", "claimed", "verified", "p-3")]
    [TestCase(null, "claimed", "claimed", "unknown")]
    public async Task Should_know_who_called(string? caller, string ofTheRequester, string ofTheActor, string actor)
    {
        var id = Guid.NewGuid().ToString();
        using var response = await PostAsync(
            Sample.Bytes(Sample.Event(id)),
            Events,
            caller is null ? [] : [("X-Governance-Actor", caller)]
        );

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var stored = (await _surroundings.ReadEventsAsync("request-received"))
            .Select(e => JsonNode.Parse(e)!)
            .Single(e => e["requestId"]!.GetValue<string>() == id);
        Assert.Multiple(() =>
        {
            Assert.That(stored["requesterAssurance"]!.GetValue<string>(), Is.EqualTo(ofTheRequester));
            Assert.That(stored["actor"]!["assurance"]!.GetValue<string>(), Is.EqualTo(ofTheActor));
            Assert.That(stored["actor"]!["id"]!.GetValue<string>(), Is.EqualTo(actor));
            Assert.That(
                stored["emergencyAssurance"]!.GetValue<string>(),
                Is.EqualTo(ofTheRequester),
                "who is known declares an emergency for themselves only"
            );
            Assert.That(stored["approvals"]![0]!["assurance"]!.GetValue<string>(), Is.EqualTo("claimed"), "no broker verified this source");
        });
    }

    [Test]
    public async Task Should_turn_away_a_caller_whom_nobody_knows()
    {
        using var response = await PostAsync(Sample.Bytes(Sample.Event("http-eve")), Events, ("X-Governance-Actor", "eve@example.com"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await BodyAsync(response))["code"]!.GetValue<string>(), Is.EqualTo("unknown-actor"));
    }

    [Test]
    public async Task Should_explain_every_fault()
    {
        var data = Sample.Data();
        data["duration"] = "P1000Y";
        data.Remove("requester");

        using var response = await PostAsync(Sample.Bytes(data), Json);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        var problem = await BodyAsync(response);
        Assert.That(problem["code"]!.GetValue<string>(), Is.EqualTo("invalid"));
        Assert.That(
            problem["errors"]!.AsArray().Select(e => e!["field"]!.GetValue<string>()),
            Is.EquivalentTo(new[] { "duration", "requester" })
        );
    }

    [Test]
    public async Task Should_refuse_unknown_names_without_repeating_them()
    {
        using var response = await PostAsync(Sample.Bytes(Sample.With("data.principal", "svc-nobody")), Events);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        var problem = await BodyAsync(response);
        Assert.That(problem["code"]!.GetValue<string>(), Is.EqualTo("unknown-principal"));
        Assert.That(problem["errors"]![0]!["field"]!.GetValue<string>(), Is.EqualTo("data.principal"));
    }

    [TestCase(Events, 400, "malformed")]
    [TestCase(Json, 400, "malformed")]
    [TestCase("application/xml", 415, "unsupported-media-type")]
    [TestCase("application/json; charset=utf-16", 415, "unsupported-media-type")]
    [TestCase("application/cloudevents-batch+json", 415, "unsupported-media-type")]
    public async Task Should_refuse_what_it_cannot_read(string type, int status, string code)
    {
        using var response = await PostAsync("<request/>"u8.ToArray(), type);

        Assert.That(((int)response.StatusCode, (await BodyAsync(response))["code"]!.GetValue<string>()), Is.EqualTo((status, code)));
    }

    [Test]
    public async Task Should_refuse_10_MB()
    {
        using var response = await PostAsync(new byte[10 * 1024 * 1024], Events);

        Assert.That(
            (response.StatusCode, (await BodyAsync(response))["code"]!.GetValue<string>()),
            Is.EqualTo((HttpStatusCode.RequestEntityTooLarge, "too-large"))
        );
    }

    [Test]
    public async Task Should_refuse_binary_mode()
    {
        using var response = await PostAsync(Sample.Bytes(Sample.Data()), Json, ("ce-specversion", "1.0"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [Test]
    public async Task Should_refuse_what_was_done_to_a_body_beside_its_chunks()
    {
        var request = RawHttp
            .Chunked("/v1/requests", null, RawHttp.Chunks(Sample.Event("zipped").ToJsonString()), Events)
            .Replace("Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", StringComparison.Ordinal);

        var answer = await RawHttp.SendAsync(_intake.Http.BaseAddress!, request);

        Assert.That((answer.Status, (string?)answer.Body["code"]), Is.EqualTo((501, "unsupported-transfer-coding")), answer.Text);
    }

    [Test]
    public async Task Should_refuse_an_unusable_key()
    {
        using var response = await PostAsync(Sample.Bytes(Sample.Data()), Json, ("Idempotency-Key", new string('k', 257)));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [TestCaseSource(typeof(BadMessages), nameof(BadMessages.All))]
    public async Task Should_refuse(object message)
    {
        var bad = (BadMessage)message;

        using var response = await PostAsync(bad.Body, Events);

        Assert.That((await BodyAsync(response))["code"]!.GetValue<string>(), Is.EqualTo(bad.Code));
        Assert.That((int)response.StatusCode, Is.InRange(400, 499));
    }

    [Test]
    public async Task Should_let_nobody_in_outside_development_until_there_is_authentication()
    {
        await using var surroundings = await Surroundings.CreateAsync();
        await using var intake = await RunningIntake.StartAsync(surroundings, "Production");
        using var content = new ByteArrayContent(Sample.Bytes(Sample.Event()));
        content.Headers.ContentType = new MediaTypeHeaderValue(Events);
        content.Headers.Add("X-Governance-Actor", "dana@example.com");

        using var response = await intake.Http.PostAsync(new Uri("/v1/requests", UriKind.Relative), content);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await surroundings.CountAsync("select count(*) from intake.mt_events"), Is.Zero);
    }

    private async Task<HttpResponseMessage> PostAsync(byte[] body, string type, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/requests", UriKind.Relative))
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await _intake.Http.SendAsync(request);
    }

    private static async Task<JsonNode> BodyAsync(HttpResponseMessage response)
    {
        var text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
        return JsonNode.Parse(text)!;
    }
}
