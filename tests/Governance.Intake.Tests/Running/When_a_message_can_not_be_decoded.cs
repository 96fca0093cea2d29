using System.Net;
using System.Net.Sockets;
using Governance.Intake.Tests.Requests;
using Governance.Intake.Tests.Tickets;
using Governance.Testing;

namespace Governance.Intake.Tests.Running;

/// <summary>The client library hangs up on properties that it can't decode, though the broker hands them on.</summary>
public sealed class When_a_message_can_not_be_decoded : WithARunningIntake
{
    private const int Others = 20;

    [Test]
    public async Task Should_be_put_aside_and_hold_up_nothing_for_long()
    {
        await PublishUndecodableAsync();
        for (var i = 0; i < Others; i++)
        {
            await _client.PublishAsync(Sample.Bytes(TicketSample.Event(i.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        }

        Assert.That(await _client.TakeTicketsAsync(Others), Has.Count.EqualTo(Others));
        await Eventually.Until(_client.CountRejectedAsync, Is.EqualTo(1u), TimeSpan.FromSeconds(60));
        await _intake.UntilReadyAsync();
        await _client.PublishAsync(Sample.Bytes(TicketSample.Event("later")));
        Assert.That((await _client.TakeTicketsAsync(1)).Single()["eventId"]!.GetValue<string>(), Is.EqualTo("later"));
        Assert.That(await _client.CountRejectedAsync(), Is.EqualTo(1), "the others used up none of their deliveries");
    }

    // A decimal with more places than .NET has; the client can't write one either, so that its bytes are changed on the way.
    private async Task PublishUndecodableAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var passing = PassOnAsync(listener);
        var bus = new UriBuilder(_surroundings.Bus) { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port };
        await using (var publisher = await AmqpClient.ConnectAsync(bus.Uri.AbsoluteUri))
        {
            await publisher.PublishAsync(
                Sample.Bytes(TicketSample.Event("undecodable")),
                p => p.Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["price"] = 1.5m }
            );
        }

        Assert.That(await passing, Is.EqualTo(1));
    }

    /// <returns>How many decimals were changed.</returns>
    private async Task<int> PassOnAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        using var server = new TcpClient();
        var bus = new Uri(_surroundings.Bus);
        await server.ConnectAsync(bus.Host, bus.Port);
        var answers = server.GetStream().CopyToAsync(client.GetStream());
        var changed = 0;
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await client.GetStream().ReadAsync(buffer)) > 0)
        {
            if (buffer.AsSpan(0, read).IndexOf("priceD"u8) is >= 0 and var at)
            {
                buffer[at + 6] = 29;
                changed++;
            }

            await server.GetStream().WriteAsync(buffer.AsMemory(0, read));
        }

        server.Close();
        await answers.ContinueWith(_ => { }, TaskScheduler.Default);
        return changed;
    }
}
