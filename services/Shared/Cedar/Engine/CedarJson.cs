using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Governance.Cedar;

/// <summary>The JSON that goes to the engine and comes back.</summary>
internal static class CedarJson
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 512,
    };
    private static readonly JsonDocumentOptions ReaderOptions = new() { MaxDepth = 512 };

    public static string Write(Action<Utf8JsonWriter> write) => Encoding.UTF8.GetString(WriteUtf8(write).Text.Span);

    public static Utf8Text WriteUtf8(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            write(writer);
        }

        return new Utf8Text(buffer.WrittenMemory);
    }

    public static void WritePolicies(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> policies)
    {
        writer.WriteStartObject();
        foreach (var (id, text) in policies.OrderBy(policy => policy.Key, StringComparer.Ordinal))
        {
            writer.WriteString(id, text);
        }

        writer.WriteEndObject();
    }

    public static void WriteUid(Utf8JsonWriter writer, string name, CedarUid uid)
    {
        writer.WriteStartObject(name);
        writer.WriteString("type", uid.Type);
        writer.WriteString("id", uid.Id);
        writer.WriteEndObject();
    }

    /// <summary>Reads an answer and lets go of the buffers.</summary>
    public static T Read<T>(string json, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json, ReaderOptions);
            return read(document.RootElement);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CedarEngineException("The Cedar engine's answer is not what this host knows.", failure);
        }
    }

    public static bool IsSuccess(JsonElement answer) => answer.GetProperty("type").ValueEquals("success");

    /// <summary>Reads a list of the engine's detailed errors; none if the member is missing.</summary>
    public static IReadOnlyList<CedarError> Errors(JsonElement answer, string member) =>
        answer.TryGetProperty(member, out var errors) ? [.. errors.EnumerateArray().SelectMany(error => WithRelated(null, error))] : [];

    /// <summary>Reads a list of {policyId, error}, which the engine gives in an order that differs from instance to instance.</summary>
    public static IReadOnlyList<CedarError> PolicyErrors(JsonElement answer, string member) =>
        answer.TryGetProperty(member, out var errors)
            ?
            [
                .. errors
                    .EnumerateArray()
                    .Select(error => Error(error.GetProperty("policyId").GetString(), error.GetProperty("error")))
                    .OrderBy(error => error.PolicyId, StringComparer.Ordinal)
                    .ThenBy(error => error.Message, StringComparer.Ordinal),
            ]
            : [];

    // A text with several mistakes is one error with the others attached.
    private static IEnumerable<CedarError> WithRelated(string? policyId, JsonElement error) =>
        error.TryGetProperty("related", out var related) && related.ValueKind == JsonValueKind.Array
            ? related.EnumerateArray().SelectMany(other => WithRelated(policyId, other)).Prepend(Error(policyId, error))
            : [Error(policyId, error)];

    private static CedarError Error(string? policyId, JsonElement error)
    {
        var help = error.TryGetProperty("help", out var advice) && advice.ValueKind == JsonValueKind.String ? advice.GetString() : null;
        IReadOnlyList<CedarSpan> locations =
            error.TryGetProperty("sourceLocations", out var found) && found.ValueKind == JsonValueKind.Array
                ?
                [
                    .. found
                        .EnumerateArray()
                        .Select(span => new CedarSpan(span.GetProperty("start").GetInt32(), span.GetProperty("end").GetInt32())),
                ]
                : [];
        return new CedarError(policyId, error.GetProperty("message").GetString() ?? "unknown", help, locations);
    }
}

/// <summary>A text as the engine takes it.</summary>
internal sealed record Utf8Text(ReadOnlyMemory<byte> Text);
