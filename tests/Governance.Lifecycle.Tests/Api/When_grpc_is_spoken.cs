using System.Globalization;
using Governance.Grpc.V1;
using Governance.Lifecycle.Tests.Running;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;

namespace Governance.Lifecycle.Tests.Api;

public sealed class When_grpc_is_spoken : WorldFixture
{
    [Test]
    public async Task Should_get_a_grant()
    {
        var actor = TestCatalog.NextActor();
        var id = await World.ActiveAsync(actor);
        var client = new Governance.Grpc.V1.Grants.GrantsClient(World.Service.Grpc);

        var grant = await client.GetAsync(new GetGrantRequest { Id = id.ToString() });

        Assert.That((grant.State, grant.Principal, grant.Entitlement), Is.EqualTo(("active", actor.First, TestCatalog.Readonly)));
        Assert.That(grant.ExpiresAt.ToDateTimeOffset() - grant.ActivatedAt.ToDateTimeOffset(), Is.EqualTo(TimeSpan.FromHours(1)));
        Assert.That((grant.Holding.Desired, grant.Holding.Observed), Is.EqualTo(("present", "present")));
        Assert.That(grant.Decision.Outcome, Is.EqualTo("permit"));
    }

    [TestCase("0d9a6b1c-6f2e-5c3d-8a4b-1e2f3a4b5c6d", StatusCode.NotFound)]
    [TestCase("nonsense", StatusCode.InvalidArgument)]
    public void Should_say_whose_fault_it_is(string id, StatusCode status)
    {
        var client = new Governance.Grpc.V1.Grants.GrantsClient(World.Service.Grpc);

        Assert.That(
            async () => await client.GetAsync(new GetGrantRequest { Id = id }),
            Throws.TypeOf<RpcException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(status)
        );
    }

    [TestCase("0000000005ffffffffff", StatusCode.InvalidArgument, Description = "no protobuf")]
    [TestCase("00000000030a01ff", StatusCode.InvalidArgument, Description = "a text that is no UTF-8")]
    [TestCase("00ffffffff0a", StatusCode.InvalidArgument, Description = "a negative length")]
    [TestCase("00000000080a01", StatusCode.Internal, Description = "shorter than it says, of which gRPC itself speaks")]
    [TestCase("", StatusCode.Internal, Description = "no message, of which gRPC itself speaks")]
    public async Task Should_say_of_a_message_that_cannot_be_read_whose_fault_it_is(string body, StatusCode status)
    {
        using var http = new HttpClient();
        using var content = new ByteArrayContent(Convert.FromHexString(body));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(World.Service.GrpcUrl), "/governance.v1.Grants/Get"))
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");

        using var response = await http.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();

        string? Told(string name) =>
            response.Headers.TryGetValues(name, out var values) || response.TrailingHeaders.TryGetValues(name, out values)
                ? string.Join(',', values)
                : null;
        Assert.That(Told("grpc-status"), Is.EqualTo(((int)status).ToString(CultureInfo.InvariantCulture)), Told("grpc-message"));
        Assert.That(Told("grpc-message"), Does.Not.Contain("Exception").And.Not.Empty);
    }

    [Test]
    public async Task Should_describe_itself()
    {
        using var call = new ServerReflection.ServerReflectionClient(World.Service.Grpc).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.That(await call.ResponseStream.MoveNext(CancellationToken.None));

        Assert.That(
            call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name),
            Is.SupersetOf(new[] { "governance.v1.Grants", "governance.v1.Catalog", "grpc.health.v1.Health" })
        );
        await call.RequestStream.CompleteAsync();
    }

    [Test]
    public async Task Should_tell_its_health()
    {
        var client = new Health.HealthClient(World.Service.Grpc);

        await Testing.Eventually.Until(
            async () => (await client.CheckAsync(new HealthCheckRequest())).Status,
            Is.EqualTo(HealthCheckResponse.Types.ServingStatus.Serving),
            TimeSpan.FromSeconds(45)
        );
    }

    [Test]
    public async Task Should_resolve_names_and_trust()
    {
        var client = new Governance.Grpc.V1.Catalog.CatalogClient(World.Service.Grpc);
        var request = new ResolveRequest { Source = "https://itsm.example.com/servicenow", VerifiedUser = "itsm" };
        request.Principals.Add(["dana@example.com", "svc-reporting", "nobody@example.com"]);
        request.Entitlements.Add(["orders-db/readonly", "orders-db/nothing"]);

        var answer = await client.ResolveAsync(request);

        Assert.That(answer.Principals.Keys, Is.EquivalentTo(new[] { "dana@example.com", "svc-reporting" }));
        Assert.That(answer.Principals["dana@example.com"].Id, Is.EqualTo(TestCatalog.Dana));
        Assert.That(answer.Entitlements, Is.EqualTo(new[] { "orders-db/readonly" }));
        Assert.That(answer.TrustedFor, Is.EquivalentTo(new[] { "tickets", "approvals", "emergency", "requester" }));
        Assert.That(answer.Proven);
        foreach (var stranger in new[] { "", "somebody" })
        {
            request.VerifiedUser = stranger;
            var other = await client.ResolveAsync(request);
            Assert.That((other.Proven, other.TrustedFor.Count), Is.EqualTo((false, 0)));
        }
    }

    [Test]
    public async Task Should_say_who_proves_to_be_which_source()
    {
        var client = new Governance.Grpc.V1.Catalog.CatalogClient(World.Service.Grpc);

        var answer = await client.SourcesAsync(new SourcesRequest());

        Assert.That(answer.CatalogDigest, Does.StartWith("sha256:"));
        var source = answer.Sources.Single(s => s.Source == "https://itsm.example.com/servicenow");
        Assert.That(source.Users, Is.EqualTo(new[] { "itsm" }));
        Assert.That(source.Callers, Is.Empty);
    }

    [Test]
    public async Task Should_assemble_facts_for_others()
    {
        var client = new Governance.Grpc.V1.Catalog.CatalogClient(World.Service.Grpc);
        var request = new AssembleFactsRequest
        {
            Principal = "svc-reporting",
            Entitlement = "orders-db/readonly",
            Requester = "dana@example.com",
            Duration = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromHours(1)),
        };

        var facts = await client.AssembleFactsAsync(request);

        Assert.That(CanonicalJson.Digest(facts.FactsJson), Is.EqualTo(facts.FactsDigest));
        request.Requester = "nobody@example.com";
        Assert.That(async () => await client.AssembleFactsAsync(request), Throws.TypeOf<RpcException>().With.Message.Contains("requester"));
    }
}
