using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Contracts.Decisions;
using Governance.Grpc.V1;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;
using Grpc.Core;

namespace Governance.Lifecycle.Tests.Api;

/// <summary>The same rules at every endpoint, with answers that name the place and the remedy, and nothing of the program.</summary>
public sealed class When_a_request_breaks_the_rules : WorldFixture
{
    private const string Person = "kim@example.com";

    private static IEnumerable<TestCaseData> Bodies()
    {
        yield return Case("approve", """{"comment":"a\u0000b"}""", "comment", "U+0000");
        yield return Case("approve", """{"comment":"a\u001bb"}""", "comment", "U+001B");
        yield return Case("approve", """{"duration":"P10675199D"}""", "duration", "P366D");
        yield return Case("approve", """{"duration":"P367D"}""", "duration", "P366D");
        yield return Case("approve", """{"duration":"PT0S"}""", "duration", "P366D");
        yield return Case("approve", """{"duration":3600}""", "duration", "Send a string");
        yield return Case("approve", """{"duration":"PT1M","duration":"PT2M"}""", "duration", "once");
        yield return Case("approve", """{"comment":["a"]}""", "comment", "Send a string");
        yield return Case("approve", """{"comment":"\ud83d"}""", "comment", "surrogate");
        yield return Case("edit", """{"notBefore":"9999-12-31T23:59:59Z"}""", "notBefore", "366 days");
        yield return Case("edit", """{"notBefore":"2026-12-31T23:59:60Z"}""", "notBefore", "leap second");
        yield return Case("edit", """{"notBefore":"tomorrow"}""", "notBefore", "RFC 3339");
        yield return Case("edit", """{"justification":"a\u0000b"}""", "justification", "U+0000");
        yield return Case("renew", """{"justification":"\u0000"}""", "justification", "U+0000");
        yield return Case("renew", """{"justification":null}""", "justification", "Give this member a value");
        yield return Case("review", """{"outcome":"perhaps"}""", "outcome", "keep or revoke");
        yield return Case("review", """{"outcome":0}""", "outcome", "Send a string");
        yield return Case("rotate", """{"recipientKey":{"kty":"EC"}}""", "recipientKey.crv", "Add this member");
        yield return Case("rotate", """{"recipientKey":"key"}""", "recipientKey", "Send a JSON object");
        yield return Case("revoke", """{"reason":"x"}""", "reason", "known here are comment");

        static TestCaseData Case(string verb, string body, string field, string remedy) =>
            new TestCaseData(verb, body, field, remedy).SetArgDisplayNames($"{verb} {field} {remedy}");
    }

    [TestCaseSource(nameof(Bodies))]
    public async Task Should_name_the_member_and_the_remedy(string verb, string body, string field, string remedy)
    {
        var grant = await World.RequestAsync(TestCatalog.NextActor(), TestCatalog.Writer);
        var version = await World.VersionAsync(grant);

        var (status, problem) = await World.CommandAsync(grant, verb, Person, body: body);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.BadRequest, "invalid")), problem.ToJsonString());
        Assert.That(problem["errors"]!.AsArray().Select(e => (string?)e!["field"]), Has.Member(field));
        Assert.That((string?)problem["detail"], Does.Contain(field).And.Contain(remedy));
        Assert.That(
            problem.ToJsonString(),
            Does.Not.Contain("System.").And.Not.Contain("Nullable").And.Not.Contain("Governance.Lifecycle")
        );
        Assert.That(await World.VersionAsync(grant), Is.EqualTo(version));
    }

    [TestCase("""{"selector":{"principal":"svc\u0000"},"reason":"x"}""", "selector.principal")]
    [TestCase("""{"selector":{"ticket":{"key":"a\u0007"}},"reason":"x"}""", "selector.ticket.key")]
    [TestCase("""{"selector":{"principal":"svc-reporting"},"reason":"a\u0000"}""", "reason")]
    public async Task Should_name_the_member_of_an_order(string body, string field)
    {
        var (status, problem) = await World.PostAsync("/v1/revocations", Person, body: body);

        Assert.That((status, (string?)problem["errors"]![0]!["field"]), Is.EqualTo((HttpStatusCode.BadRequest, field)));
    }

    [TestCase("?principal=svc%00", "principal", "U+0000")]
    [TestCase("?principal=a&principal=b", "principal", "once")]
    [TestCase("?principle=svc-reporting", "principle", "known here are principal, state, target, cursor, limit")]
    [TestCase("?limit=ten", "limit", "whole number")]
    [TestCase("?limit=99999999999999999999", "limit", "whole number")]
    public async Task Should_refuse_a_query_that_it_would_not_heed(string query, string field, string remedy)
    {
        var (status, problem) = await World.GetAsync("/v1/grants" + query);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.BadRequest, "invalid")), problem.ToJsonString());
        Assert.That((string?)problem["errors"]![0]!["field"], Is.EqualTo(field));
        Assert.That((string?)problem["detail"], Does.Contain(remedy));
    }

    [TestCase("principal=%ff", "principal", "not-utf8")]
    [TestCase("principal=svc%c3%28", "principal", "not-utf8")]
    [TestCase("principal=%c3", "principal", "not-utf8")]
    [TestCase("state=active&target=%f0%9f%98", "target", "not-utf8")]
    [TestCase("principal=%ed%a0%80", "principal", "not-utf8")]
    [TestCase("principal=100%", "principal", "percent-encoding")]
    [TestCase("cursor=%4", "cursor", "percent-encoding")]
    [TestCase("cursor=%zz", "cursor", "percent-encoding")]
    public async Task Should_refuse_a_query_that_is_not_utf8(string query, string field, string code)
    {
        var answer = await RawHttp.SendAsync(World.Service.Http.BaseAddress!, Get("/v1/grants?" + query, "\r\n"));

        Assert.That((answer.Status, (string?)answer.Body["code"]), Is.EqualTo((400, "invalid")), answer.Text);
        Assert.That(((string?)answer.Body["errors"]![0]!["field"], (string?)answer.Body["errors"]![0]!["code"]), Is.EqualTo((field, code)));
    }

    [TestCase("principal=%c3%a9")]
    [TestCase("principal=%F0%9F%98%80+x")]
    [TestCase("principal=%25ff")]
    public async Task Should_take_a_query_in_utf8(string query)
    {
        var answer = await RawHttp.SendAsync(World.Service.Http.BaseAddress!, Get("/v1/grants?" + query, "\r\n"));

        Assert.That(answer.Status, Is.EqualTo(200), answer.Text);
    }

    [TestCase("/v1/grants/{0}")]
    [TestCase("/v1/grants/{0}/history")]
    [TestCase("/v1/approvals")]
    [TestCase("/v1/decisions")]
    [TestCase("/v1/slo")]
    [TestCase("/v1/sweeps")]
    [TestCase("/v1/revocations")]
    public async Task Should_know_every_parameter_of(string path)
    {
        var grant = await World.RequestAsync(TestCatalog.NextActor());
        path = string.Format(System.Globalization.CultureInfo.InvariantCulture, path, grant);

        Assert.That((await World.GetAsync(path)).Status, Is.EqualTo(HttpStatusCode.OK));
        var (status, problem) = await World.GetAsync(path + "?verbose=true");
        Assert.That((status, (string?)problem["errors"]![0]!["code"]), Is.EqualTo((HttpStatusCode.BadRequest, "unknown-parameter")));
    }

    [Test]
    public async Task Should_say_which_method_there_is()
    {
        using var answer = await World.Service.Http.DeleteAsync($"/v1/grants/{Guid.NewGuid()}");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        var problem = await ProblemAsync(answer);
        Assert.That(
            ((string?)problem["code"], (string?)problem["detail"]),
            Is.EqualTo(("method-not-allowed", "DELETE is not for this address: use GET."))
        );
    }

    [TestCase("text/xml")]
    [TestCase("application/x-www-form-urlencoded")]
    [TestCase("application/json; charset=utf-16")]
    public async Task Should_say_which_media_type_is_taken(string type)
    {
        var grant = await World.RequestAsync(TestCatalog.NextActor(), TestCatalog.Writer);

        using var answer = await ApproveAsync(grant, "{}", type);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
        var problem = await ProblemAsync(answer);
        Assert.That((string?)problem["code"], Is.EqualTo("unsupported-media-type"));
        Assert.That((string?)problem["detail"], Does.Contain("application/json"));
    }

    [TestCase("application/json; charset=\"utf-8\"")]
    [TestCase("Application/JSON")]
    [TestCase("application/json ; charset=UTF-8")]
    [TestCase(null)]
    public async Task Should_take_json_in_other_words(string? type)
    {
        var grant = await World.RequestAsync(TestCatalog.NextActor(), TestCatalog.Writer);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(grant), Outcome.ApprovalRequired));

        using var answer = await ApproveAsync(grant, "{}", type);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Should_say_that_headers_are_too_large()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/grants");
        request.Headers.Add("X-Large", new string('x', 40_000));

        using var answer = await World.Service.Http.SendAsync(request);

        Assert.That((int)answer.StatusCode, Is.EqualTo(431));
        var problem = await ProblemAsync(answer);
        Assert.That(
            ((string?)problem["code"], (string?)problem["detail"]),
            Is.EqualTo(("headers-too-large", "Send headers of at most 32768 bytes in all."))
        );
    }

    [Test]
    public async Task Should_say_that_headers_are_too_many()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/grants");
        foreach (var i in Enumerable.Range(0, 150))
        {
            request.Headers.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"X-Many-{i}"), "x");
        }

        using var answer = await World.Service.Http.SendAsync(request);

        Assert.That((int)answer.StatusCode, Is.EqualTo(431));
        Assert.That((string?)(await ProblemAsync(answer))["detail"], Is.EqualTo("Send at most 100 headers."));
    }

    [TestCase("/v1/grants", "Content-Length: 1\r\n\r\n{")]
    [TestCase("/v1/grants/1d0e1a55-1e4f-4bd5-8a0b-0a4b2ea0e9f3", "Content-Length: 2\r\n\r\n{}")]
    [TestCase("/v1/slo", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")]
    [TestCase("/health/live", "Content-Length: 2\r\n\r\n{}")]
    public async Task Should_refuse_a_body_that_it_would_not_heed(string path, string rest)
    {
        var answer = await RawHttp.SendAsync(World.Service.Http.BaseAddress!, Get(path, rest));

        Assert.That((answer.Status, (string?)answer.Body["code"]), Is.EqualTo((400, "invalid")), answer.Text);
        Assert.That((string?)answer.Body["errors"]![0]!["code"], Is.EqualTo("needless-body"));
        Assert.That((string?)answer.Body["detail"], Is.EqualTo("Send GET without a body: it would not be heeded."));
    }

    [TestCase("/v1/grants", "Content-Length: 0\r\n\r\n", 200)]
    [TestCase("/v1/grants", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200)]
    [TestCase("/v1/grants", "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501)]
    [TestCase("/v1/nothing", "Content-Length: 2\r\n\r\n{}", 404)]
    [TestCase("/v1/revocations/preview", "Content-Length: 2\r\n\r\n{}", 405)]
    [TestCase("/v1/grants", "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400)]
    public async Task Should_heed_what_is_no_body_or_nowhere(string path, string rest, int status)
    {
        var answer = await RawHttp.SendAsync(World.Service.Http.BaseAddress!, Get(path, rest));

        Assert.That(answer.Status, Is.EqualTo(status), answer.Text);
        Assert.That(answer.Text, Is.Not.Empty.And.Not.Contains("needless-body"));
    }

    /// <summary>Of what is no HTTP the server says so by itself, and has no place for a body; docs/security.md tells.</summary>
    [TestCase("GET /v1/grants\r\n\r\n", 505)]
    [TestCase("GET /v1/grants HTTP/1.1\r\nConnection: close\r\n\r\n", 400)]
    [TestCase("GET /v1/grants HTTP/3.9\r\nHost: localhost\r\n\r\n", 505)]
    [TestCase("POST /v1/revocations HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n{}", 400)]
    public async Task Should_hang_up_on_what_is_no_http(string request, int status)
    {
        var answer = await RawHttp.SendAsync(World.Service.Http.BaseAddress!, request);

        Assert.That((answer.Status, answer.Text), Is.EqualTo((status, "")), answer.Head);
        Assert.That(answer.Head, Does.Contain("Connection: close"));
    }

    [TestCase("{\"selector\":{\"principal\":\"svc\u200b\"},\"reason\":\"x\"}", "'svc<U+200B>'")]
    [TestCase("{\"selector\":{\"owner\":\"dana\u202e@example.com\"},\"reason\":\"x\"}", "'dana<U+202E>@example.com'")]
    public async Task Should_write_out_what_a_name_hides(string body, string shown)
    {
        var (status, problem) = await World.PostAsync("/v1/revocations", Person, body: body);

        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((string?)problem["detail"], Does.Contain(shown));
    }

    [Test]
    public async Task Should_find_by_exactly_the_name_that_was_stored()
    {
        var hidden = "svc-\u200breporting";
        var (status, page) = await World.GetAsync("/v1/grants?principal=" + Uri.EscapeDataString(hidden));

        Assert.That((status, page["grants"]!.AsArray().Count), Is.EqualTo((HttpStatusCode.OK, 0)), "it is not svc-reporting's");
    }

    [Test]
    public async Task Should_say_that_there_is_nothing_there()
    {
        var (status, problem) = await World.GetAsync("/v1/nothing");

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.NotFound, "not-found")));
    }

    [TestCase("principals[0]", "svc\0reporting")]
    [TestCase("source", "urn:\u0007")]
    public async Task Should_have_the_same_rules_over_grpc(string field, string text)
    {
        var client = new Governance.Grpc.V1.Catalog.CatalogClient(World.Service.Grpc);
        var request = new ResolveRequest();
        if (field is "source")
        {
            request.Source = text;
        }
        else
        {
            request.Principals.Add(text);
        }

        var e = (await Assert.ThrowsAsync<RpcException>(async () => await client.ResolveAsync(request)))!;

        Assert.That(e.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(e.Status.Detail, Does.StartWith(field + ": ").And.Contain("U+00"));
    }

    [TestCase(367L * 86_400, 0)]
    [TestCase(-1, 0)]
    [TestCase(1, 2_000_000_000)]
    public async Task Should_bound_durations_over_grpc(long seconds, int nanos)
    {
        var client = new Governance.Grpc.V1.Catalog.CatalogClient(World.Service.Grpc);
        var request = new AssembleFactsRequest
        {
            Principal = "svc-reporting",
            Entitlement = "orders-db/readonly",
            Requester = "dana@example.com",
            Duration = new Google.Protobuf.WellKnownTypes.Duration { Seconds = seconds, Nanos = nanos },
        };

        var e = (await Assert.ThrowsAsync<RpcException>(async () => await client.AssembleFactsAsync(request)))!;

        Assert.That(e.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(e.Status.Detail, Does.Contain("duration").And.Contain("P366D"));
    }

    [Test]
    public void Should_bound_what_is_sent_over_grpc()
    {
        var client = new Governance.Grpc.V1.Catalog.CatalogClient(World.Service.Grpc);
        var request = new ResolveRequest();
        request.Principals.Add(Enumerable.Range(0, 2000).Select(_ => new string('p', 250)));

        Assert.That(
            async () => await client.ResolveAsync(request),
            Throws.TypeOf<RpcException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(StatusCode.ResourceExhausted)
        );
    }

    [TestCaseSource(nameof(Questions))]
    public async Task Should_ask_by_the_rules_of_requests(Action<AssembleFactsRequest> change, string field)
    {
        var client = new Governance.Grpc.V1.Catalog.CatalogClient(World.Service.Grpc);
        var request = new AssembleFactsRequest
        {
            Principal = "agent-triage",
            Entitlement = "orders-db/readonly",
            Requester = "dana@example.com",
            Duration = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromHours(1)),
        };
        change(request);

        var e = (await Assert.ThrowsAsync<RpcException>(async () => await client.AssembleFactsAsync(request)))!;

        Assert.That(e.StatusCode, Is.EqualTo(StatusCode.InvalidArgument), e.Status.Detail);
        Assert.That(e.Status.Detail, Does.StartWith(field + ": "));
    }

    private static IEnumerable<TestCaseData> Questions()
    {
        yield return Case("twice", r => r.OnBehalfOf.Add(["dana@example.com", "dana@example.com"]), "onBehalfOf[1]");
        yield return Case("itself", r => r.OnBehalfOf.Add("agent-triage"), "onBehalfOf[0]");
        yield return Case("one by two names", r => r.OnBehalfOf.Add(["dana@example.com", TestCatalog.Dana]), "onBehalfOf[1]");
        yield return Case("nobody", r => r.OnBehalfOf.Add(""), "onBehalfOf[0]");
        yield return Case("too many", r => r.OnBehalfOf.Add(Enumerable.Range(0, 9).Select(i => "p" + i)), "onBehalfOf");
        yield return Case("hidden in the principal", r => r.Principal = "agent\u200b-triage", "principal");
        yield return Case("hidden in the entitlement", r => r.Entitlement = "orders-db/\u202ereadonly", "entitlement");
        yield return Case("hidden in the requester", r => r.Requester = "dana@example.com\U000E0041", "requester");
        yield return Case("hidden in the chain", r => r.OnBehalfOf.Add("dana\u2060@example.com"), "onBehalfOf[0]");
        yield return Case("hidden in the ticket", r => (r.TicketSystem, r.TicketKey) = ("servicenow", "INC\u200b1"), "ticket.key");
        yield return Case("a ticket without its system", r => r.TicketKey = "INC1", "ticket.system");
        yield return Case("an emergency without its incident", r => r.Emergency = true, "ticket");

        static TestCaseData Case(string name, Action<AssembleFactsRequest> change, string field) =>
            new TestCaseData(change, field).SetArgDisplayNames(name);
    }

    private static string Get(string path, string rest) => $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{rest}";

    private async Task<HttpResponseMessage> ApproveAsync(Guid grant, string body, string? type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/grants/{grant}/approve")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        };
        request.Headers.Add("X-Governance-Actor", "lee@example.com");
        if (type is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return await World.Service.Http.SendAsync(request);
    }

    private static async Task<JsonNode> ProblemAsync(HttpResponseMessage answer)
    {
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }
}
