using System.Net;
using Governance.Connectors.Http;

namespace Governance.Connectors.RabbitMq;

/// <summary>Sends requests to the management API: bounded in time and size, nothing followed, nothing kept.</summary>
internal sealed class RabbitMqHttp : IDisposable
{
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(30);

    // The broker closes what is idle for a minute, and a change that was sent at that moment would be in doubt.
    private static readonly TimeSpan IdleFor = TimeSpan.FromSeconds(15);

    private readonly HttpMessageInvoker _invoker;
    private readonly TimeProvider _clock;

    public RabbitMqHttp(ConnectorSettings settings, TimeProvider clock)
    {
        _clock = clock;
        _invoker = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                ConnectTimeout = settings.ConnectTimeout,
                MaxConnectionsPerServer = settings.Concurrency * 2,
                MaxResponseHeadersLength = 32,
                // A name may lead elsewhere tomorrow.
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                PooledConnectionIdleTimeout = IdleFor,
                UseCookies = false,
                UseProxy = false,
            }
        );
    }

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="request">A change has <see cref="ChangeContent"/>, with which the handler sends nothing twice.</param>
    /// <param name="maxBytes">How large the answer's body may be.</param>
    /// <param name="deadline">The attempt's end; null for a read outside of any, which may take 30 s.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<HttpAnswer> SendAsync(
        HttpRequestMessage request,
        int maxBytes,
        AttemptDeadline? deadline,
        CancellationToken cancellationToken
    )
    {
        var change = request.Content as ChangeContent;
        using var end = new CancellationTokenSource(deadline?.RemainingOrThrow() ?? LongestRead, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            using var response = await _invoker.SendAsync(request, either.Token);
            return new HttpAnswer(
                response.StatusCode,
                response.Content.Headers.ContentType?.MediaType,
                response.Headers.ETag?.ToString(),
                RetryAfter: null,
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

    public void Dispose() => _invoker.Dispose();

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
