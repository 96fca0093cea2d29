using System.Net;
using System.Net.Http.Headers;

namespace Governance.Connectors.Http;

/// <summary>The body of a request that changes something: looks at the attempt's end as the last thing before its bytes leave.</summary>
/// <remarks>Waiting for a connection comes before that. Without its body a request with a length changes nothing.</remarks>
internal sealed class ChangeContent : HttpContent
{
    private readonly byte[] _body;
    private readonly AttemptDeadline _deadline;

    public ChangeContent(byte[] body, string mediaType, AttemptDeadline deadline)
    {
        _body = body;
        _deadline = deadline;
        Headers.ContentType = new MediaTypeHeaderValue(mediaType);
    }

    /// <summary>Bytes of the body may have left.</summary>
    public bool Sent { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _deadline.RemainingOrThrow();
        Sent = true;
        await stream.WriteAsync(_body, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
