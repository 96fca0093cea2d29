using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace Governance.Messaging;

/// <summary>
/// What a caller over gRPC is told when a call fails here: <see cref="StatusCode.Unavailable"/> while the database is away or does not answer,
/// else <see cref="StatusCode.Internal"/>. What the method itself answers stays as it is.
/// </summary>
/// <param name="logger">Has the cause, of which the caller is told nothing.</param>
public sealed partial class GrpcFailureAnswers(ILogger<GrpcFailureAnswers> logger) : Interceptor
{
    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        ArgumentNullException.ThrowIfNull(continuation);
        return AnsweredAsync(context, () => continuation(request, context));
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    )
    {
        ArgumentNullException.ThrowIfNull(continuation);
        return AnsweredAsync(
            context,
            async () =>
            {
                await continuation(request, responseStream, context).ConfigureAwait(false);
                return true;
            }
        );
    }

    private async Task<T> AnsweredAsync<T>(ServerCallContext context, Func<Task<T>> method)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            return await method().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException && !context.CancellationToken.IsCancellationRequested)
        {
            throw Answer(e, context);
        }
    }

    private RpcException Answer(Exception exception, ServerCallContext context)
    {
        if (DatabaseOutage.Is(exception))
        {
            Unavailable(logger, context.Method, exception.GetBaseException().Message);
            return new RpcException(
                new Status(StatusCode.Unavailable, "The database is away, or does not answer. Call again in a moment.")
            );
        }

        Failed(logger, exception, context.Method);
        return new RpcException(
            new Status(StatusCode.Internal, "This service failed on the call. Its log has the cause; report it to the operator.")
        );
    }

    [LoggerMessage(
        1015,
        LogLevel.Warning,
        "{Method} was answered with UNAVAILABLE, since the database is away or does not answer: {Reason}",
        EventName = "CallNotAnswered"
    )]
    private static partial void Unavailable(ILogger logger, string method, string reason);

    [LoggerMessage(1016, LogLevel.Error, "{Method} failed", EventName = "CallFailed")]
    private static partial void Failed(ILogger logger, Exception exception, string method);
}
