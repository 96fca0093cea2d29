using System.Net;

namespace Governance.Connectors.Http;

/// <summary>Sends requests to one target: bounded in time and size, nothing followed, nothing kept, nothing leaked.</summary>
/// <param name="handler">Connects to it.</param>
/// <param name="clock">Bounds waiting.</param>
/// <param name="expect">
/// A change's body leaves when the target is known to be there, so that a connection which it had closed already leaves no doubt behind. Not
/// every target bears that: RabbitMQ's management API, when it refuses such a request, leaves the connection's next one hanging for 5 s.
/// </param>
internal sealed class HttpSender(HttpMessageHandler handler, TimeProvider clock, bool expect) : IDisposable
{
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(30);

    private readonly HttpMessageInvoker _invoker = new(handler);
    private readonly RateGate _gate = new(clock);

    /// <summary>How targets are connected to, but for the address.</summary>
    public static SocketsHttpHandler CreateHandler(ConnectorSettings settings) =>
        new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = settings.ConnectTimeout,
            MaxConnectionsPerServer = settings.Concurrency * 2,
            MaxResponseHeadersLength = 32,
            // A name may lead elsewhere tomorrow.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            UseCookies = false,
            UseProxy = false,
        };

    /// <summary>Sends a request, again where the target asks to wait for a moment, and reads the whole answer.</summary>
    /// <param name="create">Makes the request; a change has <see cref="ChangeContent"/>.</param>
    /// <param name="maxBytes">How large the answer's body may be.</param>
    /// <param name="deadline">The attempt's end; null for a read outside of any, which may take 30 s.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answer, whatever its status but 429.</returns>
    public async Task<HttpAnswer> SendAsync(
        Func<HttpRequestMessage> create,
        int maxBytes,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    )
    {
        var started = clock.GetTimestamp();
        for (var limited = 1; ; limited++)
        {
            var left = deadline?.RemainingOrThrow() ?? LongestRead - clock.GetElapsedTime(started);
            await _gate.PassAsync(left, cancellationToken);
            left = deadline?.RemainingOrThrow() ?? LongestRead - clock.GetElapsedTime(started);
            using var request = create();
            var answer = await SendAsync(request, maxBytes, left, cancellationToken);
            if (answer.Status is HttpStatusCode.TooManyRequests)
            {
                _gate.Close(answer.RetryAfter ?? RateGate.Unsaid);
                if (limited < RateGate.MaxLimited)
                {
                    continue;
                }

                throw HttpErrors.FromStatus(answer.Status, change: false);
            }

            if (answer is { Status: HttpStatusCode.ServiceUnavailable, RetryAfter: { } wait })
            {
                _gate.Close(wait);
            }

            return answer;
        }
    }

    public void Dispose() => _invoker.Dispose();

    private async Task<HttpAnswer> SendAsync(HttpRequestMessage request, int maxBytes, TimeSpan left, CancellationToken cancellationToken)
    {
        var change = request.Content as ChangeContent;
        request.Headers.ExpectContinue = change is not null && expect ? true : null;
        using var end = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            using var response = await _invoker.SendAsync(request, either.Token);
            return new HttpAnswer(
                response.StatusCode,
                response.Content.Headers.ContentType?.MediaType,
                response.Headers.ETag?.ToString(),
                _gate.AskedBy(response),
                await BodyAsync(response, maxBytes, either.Token) ?? throw HttpErrors.TooLarge(change?.Sent ?? false)
            );
        }
        catch (Exception e) when (HttpErrors.IsOfTheTarget(e))
        {
            throw HttpErrors.Translate(e, change?.Sent ?? false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw HttpErrors.TimedOut(change?.Sent ?? false);
        }
    }

    private static async Task<byte[]?> BodyAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > maxBytes)
        {
            return null;
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var buffer = new byte[16384];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (body.Length + count > maxBytes)
            {
                return null;
            }

            await body.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        return body.ToArray();
    }
}
