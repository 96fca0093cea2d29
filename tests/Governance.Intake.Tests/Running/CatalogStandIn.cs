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

    public static readonly IReadOnlyDictionary<string, ResolvedPrincipal> Principals = new Dictionary<string, ResolvedPrincipal>(
        StringComparer.Ordinal
    )
    {
        ["svc-reporting"] = new() { Id = "p-1", Kind = "service-account" },
        ["dana@example.com"] = new() { Id = "p-2", Kind = "human" },
        ["omar@example.com"] = new() { Id = "p-3", Kind = "human" },
        ["agent-triage"] = new() { Id = "p-4", Kind = "ai-agent" },
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

    private static int FreePort()
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
            if (request.Source is Requests.Sample.Source && request.VerifiedUser is "" or TrustedUser)
            {
                // Also when nobody was verified: the caller must not believe it then.
                answer.TrustedFor.Add(["approvals", "delegation", "emergency", "tickets"]);
            }

            return Task.FromResult(answer);
        }
    }
}
