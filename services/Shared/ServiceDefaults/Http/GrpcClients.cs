using Grpc.Net.Client;

namespace Governance.ServiceDefaults.Http;

/// <summary>How services of the suite reach each other over gRPC.</summary>
public static class GrpcClients
{
    /// <summary>
    /// The longest that a service which is back is still said to be away. Unless told otherwise gRPC tries again after up to two minutes, and
    /// answers everything with <c>Unavailable</c> until then.
    /// </summary>
    public static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(1);

    /// <summary>A channel to one service.</summary>
    /// <param name="address">Its http or https address.</param>
    public static GrpcChannel Channel(string address) =>
        GrpcChannel.ForAddress(
            address,
            new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler
                {
                    ConnectTimeout = TimeSpan.FromSeconds(2),
                    PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                    // Finds out that the other side is gone while nothing is asked.
                    KeepAlivePingDelay = TimeSpan.FromSeconds(10),
                    KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
                },
                DisposeHttpClient = true,
                InitialReconnectBackoff = LongestBackOff,
                MaxReconnectBackoff = LongestBackOff,
            }
        );
}
