using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Governance;

/// <summary>How this suite writes and reads JSON: camelCase members, kebab-case enumerations, ISO 8601 durations, RFC 3339 UTC times.</summary>
public static class WireJson
{
    /// <summary>For documents of our own: unknown members are ignored when reading, since newer writers may add some.</summary>
    public static JsonSerializerOptions Options { get; } = Create(JsonUnmappedMemberHandling.Skip);

    /// <summary>For documents of outsiders: unknown and duplicate members are errors, and nesting is at most 16 deep.</summary>
    public static JsonSerializerOptions Strict { get; } = Create(JsonUnmappedMemberHandling.Disallow);

    /// <summary>Applies the suite's conventions to options owned by somebody else (the event store's, the web host's).</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
        options.Converters.Add(new IsoDurationConverter());
        options.Converters.Add(new UtcTimeConverter());
    }

    private static JsonSerializerOptions Create(JsonUnmappedMemberHandling unmapped)
    {
        var options = new JsonSerializerOptions
        {
            UnmappedMemberHandling = unmapped,
            AllowDuplicateProperties = unmapped == JsonUnmappedMemberHandling.Skip,
            RespectNullableAnnotations = true,
            MaxDepth = unmapped == JsonUnmappedMemberHandling.Skip ? 64 : 16,
        };
        Apply(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TryGetDateTimeOffset(out var time)
                ? Moments.Truncate(time)
                : throw new JsonException("Expected a time as in RFC 3339, for example 2026-11-23T12:00:00Z.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Moments.ToWire(value));
    }

    private sealed class IsoDurationConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && IsoDuration.TryParse(reader.GetString()!, out var duration)
                ? duration
                : throw new JsonException("Expected a duration as in ISO 8601, for example PT4H.");

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteStringValue(IsoDuration.Format(value));
    }
}
