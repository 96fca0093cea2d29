using System.Text.Json;

namespace Governance.Intake.Reading;

/// <summary>The attributes of a CloudEvent. Kind is null when it is of none that are taken; data also when it is missing or no object.</summary>
internal sealed record Envelope(string? Source, string? Id, DateTimeOffset? Time, EventKind? Kind, ObjectReader? Data);

/// <summary>CloudEvents 1.0, JSON format, structured mode.</summary>
internal static class EnvelopeReader
{
    public static Envelope Read(JsonElement root, IReadOnlyList<EventKind> kinds, FaultList faults)
    {
        var reader = new ObjectReader(root, "", faults);
        Version(reader);
        var id = reader.Text("id", Presence.Required, Limits.IdLength);
        var source = Source(reader);
        var kind = Kind(reader, kinds);
        reader.Text("subject", Presence.Nullable, Limits.IdLength);
        var time = reader.Time("time", Presence.Nullable);
        ContentType(reader);
        UriAttribute(reader, "dataschema");
        var data = Data(reader, ours: kind is not null);
        Extensions(reader, faults);
        return new Envelope(source, id, time, kind, data);
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

    private static ObjectReader? Data(ObjectReader reader, bool ours)
    {
        if (reader.Has("data_base64"))
        {
            reader.Take("data_base64", Presence.Nullable);
            reader.Fault("data_base64", "base64-data", "Send data as a JSON object in the member data.");
            return reader.Has("data") && ours ? reader.Child("data", Presence.Required) : Skip(reader);
        }

        // The data of another type of event is none of ours to judge.
        return ours ? reader.Child("data", Presence.Required) : Skip(reader);
    }

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
