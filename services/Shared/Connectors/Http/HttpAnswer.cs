using System.Net;
using System.Text.Json;

namespace Governance.Connectors.Http;

/// <summary>An answer, read to its end.</summary>
internal sealed record HttpAnswer(HttpStatusCode Status, string? MediaType, string? ETag, TimeSpan? RetryAfter, byte[] Body)
{
    public bool IsSuccess => (int)Status is >= 200 and <= 299;

    /// <summary>Reads its body as JSON.</summary>
    /// <exception cref="ConnectorException">It is something else.</exception>
    public T Read<T>(JsonSerializerOptions options, params ReadOnlySpan<string> mediaTypes) =>
        TryRead<T>(options, out var value, out var why, mediaTypes)
            ? value
            : throw new ConnectorException(ConnectorErrors.Error, why ?? "The target's answer is not what its protocol asks for.");

    public bool TryRead<T>(JsonSerializerOptions options, out T value, params ReadOnlySpan<string> mediaTypes) =>
        TryRead(options, out value, out _, mediaTypes);

    private bool TryRead<T>(JsonSerializerOptions options, out T value, out string? why, ReadOnlySpan<string> mediaTypes)
    {
        (value, why) = (default!, null);
        if (MediaType is null || !mediaTypes.Contains(MediaType, StringComparer.OrdinalIgnoreCase))
        {
            return false;
        }

        try
        {
            value = JsonSerializer.Deserialize<T>(Body, options)!;
            return value is not null;
        }
        catch (JsonException e)
        {
            why = e is WrongFormException ? e.Message : null;
            // Its text quotes what the target sent.
            return false;
        }
    }
}
