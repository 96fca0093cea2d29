using System.Net;
using System.Net.Sockets;

namespace Governance.Testing;

/// <summary>A TCP proxy on loopback that makes a server unreachable, slow, silent, or drops the connection at a chosen moment.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly IPEndPoint server;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly HashSet<Socket> sockets = [];
    private readonly Lock socketsLock = new();
    private readonly SemaphoreSlim held = new(0);
    private volatile bool refusing;
    private volatile Trigger? trigger;
    private long delayTicks;
    private int triggered;
    private int answered;

    private FaultProxy(IPEndPoint server)
    {
        this.server = server;
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How often the marker of <see cref="SwallowAnswersAfter"/> or <see cref="CutAfter"/> was seen.</summary>
    public int Triggered => Volatile.Read(ref triggered);

    /// <summary>How many chunks of bytes the server has sent, whether they were passed on or not.</summary>
    public int Answered => Volatile.Read(ref answered);

    /// <summary>Starts a proxy for a server on this machine that passes everything through.</summary>
    public static FaultProxy Start(int serverPort) => new(new IPEndPoint(IPAddress.Loopback, serverPort));

    /// <summary>Closes all connections, and new ones as soon as they are made, until <see cref="Heal"/>.</summary>
    public void Refuse()
    {
        refusing = true;
        Cut();
    }

    /// <summary>Each chunk of bytes waits that long before it is passed on, in both directions.</summary>
    public void Delay(TimeSpan time) => Interlocked.Exchange(ref delayTicks, time.Ticks);

    /// <summary>
    /// Once: as soon as a client sends the marker (in one chunk), that chunk is passed on, and that connection gets no answer any more,
    /// as if the server had hung after doing the work.
    /// </summary>
    public void SwallowAnswersAfter(string marker) => Arm(marker, Fault.Swallow);

    /// <summary>Once: as soon as a client sends the marker (in one chunk), that chunk is passed on, and the client's connection is closed.</summary>
    public void CutAfter(string marker) => Arm(marker, Fault.Cut);

    /// <summary>
    /// Once: as soon as a client sends the marker (in one chunk), that chunk is kept until <see cref="LetGo"/>, as a slow network would,
    /// and is passed on even when the client is gone by then.
    /// </summary>
    public void HoldRequestWith(string marker) => Arm(marker, Fault.Hold);

    /// <summary>Passes on what <see cref="HoldRequestWith"/> keeps.</summary>
    public void LetGo() => held.Release();

    /// <summary>Closes all connections.</summary>
    public void Cut()
    {
        lock (socketsLock)
        {
            foreach (var socket in sockets)
            {
                socket.Close();
            }

            sockets.Clear();
        }
    }

    /// <summary>Passes everything through again. Connections that get no answers stay so.</summary>
    public void Heal()
    {
        refusing = false;
        trigger = null;
        Delay(TimeSpan.Zero);
    }

    /// <summary>Closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        Cut();
    }

    private void Arm(string marker, Fault fault) => trigger = new(System.Text.Encoding.UTF8.GetBytes(marker), fault);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(stop.Token);
                if (refusing)
                {
                    client.Close();
                    continue;
                }

                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var upstream = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Track(client);
        Track(upstream);
        try
        {
            client.NoDelay = true;
            upstream.NoDelay = true;
            await upstream.ConnectAsync(server, stop.Token);
            var connection = new Connection();
            await Task.WhenAny(RequestsAsync(client, upstream, connection), AnswersAsync(upstream, client, connection));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Closed by either side, or by Cut.
        }
        finally
        {
            client.Close();
            upstream.Close();
        }
    }

    private async Task RequestsAsync(Socket client, Socket upstream, Connection connection)
    {
        var buffer = new byte[65536];
        var late = false;
        int count;
        while ((count = await ReceiveAsync(client, buffer)) > 0)
        {
            var hit =
                trigger is { } armed
                && buffer.AsSpan(0, count).IndexOf(armed.Marker) >= 0
                && ReferenceEquals(Interlocked.CompareExchange(ref trigger, null, armed), armed)
                    ? armed
                    : null;
            // Also before a cut: the server may answer faster than this side closes.
            connection.Swallows |= hit is { Fault: Fault.Swallow or Fault.Cut };
            if (hit is { Fault: Fault.Hold })
            {
                Interlocked.Increment(ref triggered);
                await held.WaitAsync(stop.Token);
                late = true;
            }

            await SendAsync(upstream, buffer.AsMemory(0, count));
            if (hit is { Fault: not Fault.Hold })
            {
                Interlocked.Increment(ref triggered);
            }

            if (hit is { Fault: Fault.Cut })
            {
                return;
            }
        }

        if (late)
        {
            // The server must not learn yet that the client has left, or it may drop what was just passed on.
            await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
        }
    }

    private async Task AnswersAsync(Socket upstream, Socket client, Connection connection)
    {
        var buffer = new byte[65536];
        int count;
        while ((count = await ReceiveAsync(upstream, buffer)) > 0)
        {
            Interlocked.Increment(ref answered);
            if (!connection.Swallows)
            {
                await SendAsync(client, buffer.AsMemory(0, count));
            }
        }

        if (connection.Swallows)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
        }
    }

    private async Task<int> ReceiveAsync(Socket socket, byte[] buffer)
    {
        var count = await socket.ReceiveAsync(buffer, stop.Token);
        var delay = TimeSpan.FromTicks(Interlocked.Read(ref delayTicks));
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, stop.Token);
        }

        return count;
    }

    private async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes, stop.Token)..];
        }
    }

    private void Track(Socket socket)
    {
        lock (socketsLock)
        {
            sockets.Add(socket);
        }
    }

    private enum Fault
    {
        Swallow,
        Cut,
        Hold,
    }

    private sealed record Trigger(byte[] Marker, Fault Fault);

    private sealed class Connection
    {
        public volatile bool Swallows;
    }
}
