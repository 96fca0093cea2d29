using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Governance.Grpc.V1;
using Governance.ServiceDefaults.Http;
using Grpc.Core;

namespace Governance.Intake.Tests.Running;

/// <summary>What is away may be back any moment, while the pauses of gRPC's own grow to two minutes.</summary>
public sealed class When_lifecycle_is_away_for_long
{
    /// <summary>By then gRPC's own pause is 10 s.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    /// <summary>A pause of a second, and what a busy machine adds.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(4);

    [Test]
    public async Task Should_be_reached_soon_when_it_is_back()
    {
        var port = CatalogStandIn.FreePort();
        using var channel = GrpcClients.Channel(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")
        );
        var client = new Catalog.CatalogClient(channel);
        var away = Stopwatch.StartNew();
        while (away.Elapsed < Long)
        {
            await FailAsync(client);
        }

        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        var back = Stopwatch.StartNew();
        var reached = listener.AcceptTcpClientAsync();
        while (!reached.IsCompleted && back.Elapsed < Long)
        {
            await FailAsync(client);
        }

        Assert.That(back.Elapsed, Is.LessThan(Soon));
        (await reached).Dispose();
    }

    private static async Task FailAsync(Catalog.CatalogClient client)
    {
        try
        {
            await client.SourcesAsync(new SourcesRequest(), deadline: DateTime.UtcNow.AddSeconds(1));
            Assert.Fail("Nobody answers there.");
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Internal)
        {
            await Task.Delay(50);
        }
    }
}
