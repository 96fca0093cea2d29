using System.Net;
using Governance.Grpc.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Intake.Tests.Running;

/// <summary>Lifecycle's catalog over real gRPC, with the sample names; can be taken away and brought back at the same address.</summary>
internal sealed class CatalogStandIn : IAsyncDisposable
{
    public const string TrustedUser = "itsm";

    /// <summary>The same system's next credential, trusted as well.</summary>
    public const string RotatedUser = "itsm-2";

    /// <summary>A principal that proves the sample's source over HTTP.</summary>
    public const string TrustedCaller = "svc-itsm";

    public static readonly IReadOnlyDictionary<string, ResolvedPrincipal> Principals = new Dictionary<string, ResolvedPrincipal>(
        StringComparer.Ordinal
    )
    {
        ["svc-reporting"] = new() { Id = "p-1", Kind = "service-account" },
        ["dana@example.com"] = new() { Id = "p-2", Kind = "human" },
        ["omar@example.com"] = new() { Id = "p-3", Kind = "human" },
        ["agent-triage"] = new() { Id = "p-4", Kind = "ai-agent" },
        [TrustedCaller] = new() { Id = "p-5", Kind = "service-account" },
        // Ids are names too.
        ["p-2"] = new() { Id = "p-2", Kind = "human" },
        ["p-4"] = new() { Id = "p-4", Kind = "ai-agent" },
    };

    private readonly int _port = FreePort();
    private WebApplication? _app;

    public string Url => $"http://127.0.0.1:{_port}";

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, _port, l => l.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        _app = builder.Build();
        _app.MapGrpcService<Service>();
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => new(StopAsync());

    internal static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    internal sealed class Service : Catalog.CatalogBase
    {
        public override Task<ResolveResponse> Resolve(ResolveRequest request, ServerCallContext context)
        {
            var answer = new ResolveResponse { CatalogDigest = "sha256:stand-in" };
            foreach (var name in request.Principals.Where(Principals.ContainsKey))
            {
                answer.Principals[name] = Principals[name];
            }

            answer.Entitlements.Add(request.Entitlements.Where(e => e is "orders-db/readonly" or "orders-db/writer"));
            var proven = request.VerifiedUser is TrustedUser or RotatedUser || request.VerifiedCaller is "p-5";
            if (request.Source is Requests.Sample.Source && (proven || (request.VerifiedUser is "" && request.VerifiedCaller is "")))
            {
                // Also when nobody was verified: the caller must not believe it then.
                answer.TrustedFor.Add(["approvals", "delegation", "emergency", "tickets"]);
                answer.Proven = proven;
            }

            return Task.FromResult(answer);
        }

        public override Task<SourcesResponse> Sources(SourcesRequest request, ServerCallContext context) =>
            Task.FromResult(
                new SourcesResponse
                {
                    CatalogDigest = "sha256:stand-in",
                    Sources =
                    {
                        new KnownSource
                        {
                            Source = Requests.Sample.Source,
                            Users = { TrustedUser, RotatedUser },
                            Callers = { "p-5" },
                        },
                    },
                }
            );
    }
}
