using System.Net.Sockets;
using Grpc.Core;
using Npgsql;

namespace Governance.Intake;

/// <summary>Tells what is wrong around us, which passes, from what is wrong with a message or with us.</summary>
internal static class Outages
{
    public static bool IsOutage(Exception? exception) =>
        exception switch
        {
            null => false,
            RpcException rpc => rpc.StatusCode is not (StatusCode.InvalidArgument or StatusCode.OutOfRange),
            // Class 22 is "data exception": the same data would fail again.
            PostgresException postgres => !postgres.SqlState.StartsWith("22", StringComparison.Ordinal),
            NpgsqlException or TimeoutException or SocketException or IOException => true,
            AggregateException all => all.InnerExceptions.Any(IsOutage),
            _ => IsOutage(exception.InnerException),
        };
}
