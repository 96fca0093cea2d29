using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Governance.Grpc.V1;
using Governance.Policy.Tests.Running;
using Governance.Testing;
using Grpc.Core;

namespace Governance.Policy.Tests;

/// <summary>Dry runs, with facts from a real Lifecycle.</summary>
public sealed class When_somebody_asks_what_would_be
{
    private World _world = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync(realLifecycle: true);
        await _world.Policy.ReadyAsync();
        await _world.Lifecycle!.ReadyAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [TestCase("orders-db/readonly", "approved", "permit", "orders-db-readonly")]
    [TestCase("orders-db/readonly", "open", "forbid", null)]
    [TestCase("orders-db/writer", "approved", "approval-required", null)]
    [TestCase("orders-db/owner", "approved", "forbid", "orders-db-owner-never-for-a-service-account")]
    public async Task Should_say_the_same_over_http_and_grpc(string entitlement, string ticket, string outcome, string? policy)
    {
        var (status, body) = await PostAsync(
            Request() with
            {
                Entitlement = entitlement,
                Ticket = new Ticket("servicenow", "RITM1", ticket),
            }
        );
        var answer = await new Governance.Grpc.V1.Decisions.DecisionsClient(_world.Policy.Grpc).EvaluateAsync(
            new EvaluateRequest
            {
                Principal = "svc-reporting",
                Entitlement = entitlement,
                Requester = "dana@example.com",
                Duration = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
                Ticket = new DecisionTicket
                {
                    System = "servicenow",
                    Key = "RITM1",
                    State = ticket,
                },
            }
        );

        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), body.ToJsonString());
        Assert.That((string?)body["decision"]!["outcome"], Is.EqualTo(outcome));
        Assert.That(answer.Outcome, Is.EqualTo(outcome));
        Assert.That(answer.Bundle, Is.EqualTo((string?)body["decision"]!["bundle"]));
        Assert.That(CanonicalJson.Digest(answer.FactsJson), Is.EqualTo((string?)body["decision"]!["facts"]));
        if (policy is not null)
        {
            Assert.That(answer.Policies, Does.Contain(policy));
        }
    }

    [Test]
    public async Task Should_cut_the_duration_visibly()
    {
        var (_, body) = await PostAsync(Request() with { Duration = "PT20H" });

        Assert.That((string?)body["decision"]!["duration"], Is.EqualTo("PT8H"));
        Assert.That(body["decision"]!["cuts"]!.AsArray(), Is.Not.Empty);
    }

    [Test]
    public async Task Should_name_unknown_names()
    {
        Request[] wrong =
        [
            Request() with
            {
                Principal = "svc-nobody",
            },
            Request() with
            {
                Requester = "nobody@example.com",
            },
            Request() with
            {
                Entitlement = "orders-db/readnly",
            },
            Request() with
            {
                Bundle = "sha256:none",
            },
        ];
        string[] fields = ["principal", "requester", "entitlement", "bundle"];
        foreach (var (request, field) in wrong.Zip(fields))
        {
            var (status, problem) = await PostAsync(request);

            Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "unknown-name")), field);
            Assert.That((string?)problem["detail"], Does.StartWith(field + ": ").And.Not.Contains("any more"));
        }
    }

    [TestCase("{}", "invalid")]
    [TestCase(
        "{\"principal\":\"svc-reporting\",\"entitlement\":\"orders-db/readonly\",\"requester\":\"dana@example.com\",\"duration\":\"PT1H\",\"extra\":1}",
        "invalid"
    )]
    [TestCase(
        "{\"principal\":\"svc-reporting\",\"entitlement\":\"orders-db/readonly\",\"requester\":\"dana@example.com\",\"duration\":\"PT0S\"}",
        "invalid"
    )]
    [TestCase("not json", "malformed")]
    public async Task Should_refuse_a_wrong_body(string body, string code)
    {
        using var answer = await _world.Policy.Http.PostAsync(
            new Uri("/v1/decisions/dry-run", UriKind.Relative),
            new StringContent(body, System.Text.Encoding.UTF8, "application/json")
        );

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"], Is.EqualTo(code));
    }

    [TestCase("onBehalfOf", "[\"dana@example.com\",\"dana@example.com\"]", "onBehalfOf[1]")]
    [TestCase("onBehalfOf", "[\"svc-reporting\"]", "onBehalfOf[0]")]
    [TestCase("onBehalfOf", "[]", "onBehalfOf")]
    [TestCase("onBehalfOf", "[\"dana\\u200b@example.com\"]", "onBehalfOf[0]")]
    [TestCase("principal", "\"svc\\u200b-reporting\"", "principal")]
    [TestCase("requester", "\"dana\\u202e@example.com\"", "requester")]
    [TestCase("entitlement", "\"orders-db\\ufeff/readonly\"", "entitlement")]
    [TestCase("emergency", "true", "ticket")]
    public async Task Should_refuse_what_a_request_may_not_say(string member, string value, string field)
    {
        var body = new JsonObject
        {
            ["principal"] = "svc-reporting",
            ["entitlement"] = "orders-db/readonly",
            ["requester"] = "dana@example.com",
            ["duration"] = "PT1H",
            [member] = JsonNode.Parse(value),
        };
        using var answer = await _world.Policy.Http.PostAsync(
            new Uri("/v1/decisions/dry-run", UriKind.Relative),
            new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json")
        );

        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.That(
            (answer.StatusCode, (string?)problem["code"]),
            Is.EqualTo((HttpStatusCode.BadRequest, "invalid")),
            problem.ToJsonString()
        );
        Assert.That((string?)problem["errors"]![0]!["field"], Is.EqualTo(field));
    }

    [Test]
    public async Task Should_refuse_it_over_grpc_too()
    {
        var client = new Governance.Grpc.V1.Decisions.DecisionsClient(_world.Policy.Grpc);
        var request = new EvaluateRequest
        {
            Principal = "svc-reporting",
            Entitlement = "orders-db/readonly",
            Requester = "dana@example.com",
            Duration = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
            OnBehalfOf = { "dana@example.com", "dana@example.com" },
        };

        var e = (await Assert.ThrowsAsync<RpcException>(async () => await client.EvaluateAsync(request)))!;

        Assert.That((e.StatusCode, e.Status.Detail), Is.EqualTo((StatusCode.InvalidArgument, "onBehalfOf[1]: Name everybody once.")));
    }

    [Test]
    public void Should_name_missing_fields_over_grpc()
    {
        var client = new Governance.Grpc.V1.Decisions.DecisionsClient(_world.Policy.Grpc);

        Assert.That(
            async () =>
                await client.EvaluateAsync(
                    new EvaluateRequest
                    {
                        Principal = "svc-reporting",
                        Entitlement = "orders-db/readonly",
                        Requester = "dana@example.com",
                    }
                ),
            Throws
                .TypeOf<RpcException>()
                .With.Message.Contains("duration")
                .And.Property(nameof(RpcException.StatusCode))
                .EqualTo(StatusCode.InvalidArgument)
        );
        Assert.That(
            async () =>
                await client.EvaluateAsync(
                    new EvaluateRequest
                    {
                        Principal = "svc-nobody",
                        Entitlement = "orders-db/readonly",
                        Requester = "dana@example.com",
                        Duration = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
                    }
                ),
            Throws.TypeOf<RpcException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(StatusCode.NotFound)
        );
    }

    [Test]
    public async Task Should_record_nothing()
    {
        await PostAsync(Request());

        using var answer = await _world.Lifecycle!.Http.GetAsync(new Uri("/v1/grants", UriKind.Relative));
        Assert.That(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["grants"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task Should_say_when_the_facts_cannot_be_had()
    {
        await using var alone = await World.CreateAsync();
        await alone.Policy.ReadyAsync();

        using var answer = await alone.Policy.Http.PostAsJsonAsync(
            new Uri("/v1/decisions/dry-run", UriKind.Relative),
            Request(),
            WireJson.Options
        );

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(Request request)
    {
        using var answer = await _world.Policy.Http.PostAsJsonAsync(
            new Uri("/v1/decisions/dry-run", UriKind.Relative),
            request,
            WireJson.Options
        );
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private static Request Request() => new() { Ticket = new Ticket("servicenow", "RITM1", "approved") };
}

internal sealed record Request
{
    public string Principal { get; init; } = "svc-reporting";

    public string Entitlement { get; init; } = "orders-db/readonly";

    public string Requester { get; init; } = "dana@example.com";

    public string Duration { get; init; } = "PT1H";

    public string? Bundle { get; init; }

    public required Ticket Ticket { get; init; }
}

internal sealed record Ticket(string System, string Key, string State);
