using System.Text.Json;

namespace Governance.Intake.Reading;

/// <summary>The attributes of a CloudEvent. Kind is null when it is of none that are taken; data also when it is missing or no object.</summary>
internal sealed record Envelope(string? Source, string? Id, DateTimeOffset? Time, EventKind? Kind, ObjectReader? Data);

/// <summary>
/// CloudEvents 1.0, JSON format, structured mode; in binary mode the attributes as if they were in JSON. What names the event (id, source,
/// type) and its data have to be right in all of them; what is wrong with anything else is left out of an event that only takes access away.
/// </summary>
internal static class EnvelopeReader
{
    /// <param name="root">The attributes, and the data unless it is apart.</param>
    /// <param name="dataApart">The data, in binary mode.</param>
    /// <param name="kinds">The kinds that the door takes.</param>
    /// <param name="faults">Takes what the event is refused for.</param>
    /// <param name="leftOut">Takes what is wrong with an event that counts all the same.</param>
    public static Envelope Read(
        JsonElement root,
        JsonElement? dataApart,
        IReadOnlyList<EventKind> kinds,
        FaultList faults,
        FaultList leftOut
    )
    {
        var reader = new ObjectReader(root, "", faults);
        var id = reader.Text("id", Presence.Required, Limits.IdLength);
        var source = Source(reader);
        var kind = Kind(reader, kinds);
        var data =
            dataApart is { } apart ? new ObjectReader(apart, "data", faults)
            : kind is null ? Skip(reader)
            : Data(reader);
        var counts = data is not null && kind?.OnlyTakesAway(data) == true;
        var time = Rest(counts ? reader.ReportingTo(leftOut) : reader, counts, counts ? leftOut : faults);
        return new Envelope(source, id, time, kind, data);
    }

    private static DateTimeOffset? Rest(ObjectReader reader, bool counts, FaultList faults)
    {
        Version(reader);
        reader.Text("subject", Presence.Nullable, Limits.IdLength);
        // Of an event that counts whatever its time is, one of a clock that was never set would make it older than all that was said before.
        var time = counts ? reader.PastTime("time", Presence.Nullable, null) : reader.Time("time", Presence.Nullable);
        ContentType(reader);
        UriAttribute(reader, "dataschema");
        Base64(reader);
        Extensions(reader, faults);
        return time;
    }

    private static void Version(ObjectReader reader)
    {
        if (reader.Text("specversion", Presence.Required, Limits.IdLength) is { } version && version is not "1.0")
        {
            reader.Fault("specversion", "unsupported-version", "Send 1.0.");
        }
    }

    private static EventKind? Kind(ObjectReader reader, IReadOnlyList<EventKind> kinds)
    {
        if (reader.Text("type", Presence.Required, Limits.IdLength) is not { } type)
        {
            return null;
        }

        var kind = kinds.FirstOrDefault(k => string.Equals(k.Type, type, StringComparison.Ordinal));
        if (kind is null)
        {
            reader.Fault("type", "unsupported-type", "Send " + string.Join(" or ", kinds.Select(k => k.Type)) + ".");
        }

        return kind;
    }

    private static string? Source(ObjectReader reader)
    {
        if (reader.Text("source", Presence.Required, Limits.SourceLength) is not { } source)
        {
            return null;
        }

        if (TextRules.IsUriReference(source))
        {
            return source;
        }

        reader.Fault("source", "format", "Send a URI reference, for example https://itsm.example.com/servicenow.");
        return null;
    }

    private static void ContentType(ObjectReader reader)
    {
        if (reader.Text("datacontenttype", Presence.Nullable, Limits.IdLength) is { } type && !JsonMediaType.Is(type, "application/json"))
        {
            reader.Fault("datacontenttype", "unsupported-content-type", "Send application/json, or leave this member out.");
        }
    }

    private static void UriAttribute(ObjectReader reader, string name)
    {
        if (reader.Text(name, Presence.Nullable, Limits.UrlLength) is { } uri && !TextRules.IsUriReference(uri))
        {
            reader.Fault(name, "format", "Send a URI.");
        }
    }

    private static ObjectReader? Data(ObjectReader reader) =>
        reader.Has("data") || !reader.Has("data_base64") ? reader.Child("data", Presence.Required) : null;

    private static void Base64(ObjectReader reader)
    {
        if (reader.Has("data_base64"))
        {
            reader.Take("data_base64", Presence.Nullable);
            reader.Fault("data_base64", "base64-data", "Send data as a JSON object in the member data.");
        }
    }

    // The data of another type of event is none of ours to judge.
    private static ObjectReader? Skip(ObjectReader reader)
    {
        reader.Take("data", Presence.Nullable);
        return null;
    }

    private static void Extensions(ObjectReader reader, FaultList faults)
    {
        foreach (var (name, value) in reader.Rest())
        {
            if (name.Length is 0 or > Limits.ExtensionNameLength || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
            {
                reader.Fault(name, "unknown-member", "Remove this member; names of extensions have only lower-case letters and digits.");
                continue;
            }

            switch (value.ValueKind)
            {
                case JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null:
                case JsonValueKind.Number when value.TryGetInt32(out _):
                    break;
                case JsonValueKind.String when value.ValueEquals(""u8):
                    break;
                case JsonValueKind.String:
                    TextRules.Read(value, reader.PathOf(name), faults, Limits.ExtensionLength, TextKind.Name);
                    break;
                default:
                    reader.Fault(name, "wrong-type", "Send a string, a boolean or a 32-bit integer.");
                    break;
            }
        }
    }
}
