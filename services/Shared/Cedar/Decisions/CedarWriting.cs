using System.Globalization;
using System.Text.Json;

namespace Governance.Cedar.Decisions;

/// <summary>Cedar's values in its JSON form.</summary>
internal static class CedarWriting
{
    public static void WriteEntity(this Utf8JsonWriter writer, string name, CedarUid uid)
    {
        writer.WriteStartObject(name);
        CedarJson.WriteUid(writer, "__entity", uid);
        writer.WriteEndObject();
    }

    public static void WriteEntities(this Utf8JsonWriter writer, string name, IEnumerable<CedarUid> uids)
    {
        writer.WriteStartArray(name);
        foreach (var uid in uids)
        {
            writer.WriteStartObject();
            CedarJson.WriteUid(writer, "__entity", uid);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>In milliseconds, rounded up: a policy never sees less than what would be given.</summary>
    public static void WriteDuration(this Utf8JsonWriter writer, string name, TimeSpan duration)
    {
        var milliseconds = (duration.Ticks / TimeSpan.TicksPerMillisecond) + (duration.Ticks % TimeSpan.TicksPerMillisecond > 0 ? 1 : 0);
        writer.WriteExtension(name, "duration", string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms"));
    }

    public static void WriteTime(this Utf8JsonWriter writer, string name, DateTimeOffset time) =>
        writer.WriteExtension(name, "datetime", Moments.ToWire(time));

    private static void WriteExtension(this Utf8JsonWriter writer, string name, string function, string argument)
    {
        writer.WriteStartObject(name);
        writer.WriteStartObject("__extn");
        writer.WriteString("fn", function);
        writer.WriteString("arg", argument);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
