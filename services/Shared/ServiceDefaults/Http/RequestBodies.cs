using Governance.Reading;
using Microsoft.AspNetCore.Http;

namespace Governance.ServiceDefaults.Http;

/// <summary>Reads the body of a request whole, whenever there is one and however it is sent, and never more of it than is allowed.</summary>
public static class RequestBodies
{
    /// <summary>The whole body, empty when there is none; or why it can't be had. What is left of a body that is too long is not read.</summary>
    /// <param name="request">The request; its length may be told, or not (chunked).</param>
    /// <exception cref="OperationCanceledException">The caller hung up.</exception>
    public static async Task<(ReadOnlyMemory<byte> Body, UnreadBody? Fault)> ReadAsync(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.ContentLength > Bounds.BodyBytes)
        {
            return (default, UnreadBody.TooLarge);
        }

        try
        {
            using var body = new MemoryStream();
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted).ConfigureAwait(false)) > 0)
            {
                if (body.Length + read > Bounds.BodyBytes)
                {
                    return (default, UnreadBody.TooLarge);
                }

                await body.WriteAsync(buffer.AsMemory(0, read), request.HttpContext.RequestAborted).ConfigureAwait(false);
            }

            return (body.ToArray(), null);
        }
        catch (BadHttpRequestException e)
        {
            // An I/O fault by its type, but the sender's: to send the same again would not help.
            return e.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => (default, UnreadBody.TooLarge),
                StatusCodes.Status408RequestTimeout => (default, UnreadBody.TooSlow),
                _ => (default, UnreadBody.BadFraming),
            };
        }
        catch (IOException e) when (e.InnerException is OverflowException)
        {
            // A chunk of a size that no number holds. The server tells of it as of a broken line, which it is not: the caller is there.
            return (default, UnreadBody.BadFraming);
        }
    }
}

/// <summary>Why a body could not be read.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">The problem's code.</param>
/// <param name="Cause">The code of the one fault.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record UnreadBody(int Status, string Code, string Cause, string Remedy)
{
    /// <summary>Longer than <see cref="Bounds.BodyBytes"/>.</summary>
    public static UnreadBody TooLarge { get; } = new(413, "too-large", "too-large", $"Send at most {Bounds.BodyBytes} bytes.");

    /// <summary>It stopped coming.</summary>
    public static UnreadBody TooSlow { get; } = new(408, "too-slow", "too-slow", "Send the whole body without long pauses.");

    /// <summary>Not as HTTP transfers bodies.</summary>
    public static UnreadBody BadFraming { get; } =
        new(
            400,
            "malformed",
            "bad-framing",
            "Send the body as HTTP has it: with its length in Content-Length, or in well-formed chunks that end with an empty one."
        );
}
