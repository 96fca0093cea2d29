using System.Globalization;
using System.Text.Json;

namespace Governance.Reading;

/// <summary>Reads one JSON object strictly: each member at most once, of the right type, and none that nobody asked for.</summary>
public sealed class ObjectReader
{
    private readonly string _path;
    private readonly FaultList _faults;
    private readonly Dictionary<string, JsonElement> _members;
    private readonly List<string> _known;

    /// <summary>Reads the members of an object; one that is there twice is a fault.</summary>
    /// <param name="element">A JSON object.</param>
    /// <param name="path">Where it is; empty for the whole.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public ObjectReader(JsonElement element, string path, FaultList faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        (_path, _faults, _members, _known) = (path, faults, new(StringComparer.Ordinal), []);
        var repeated = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            var name = NameOf(member);
            if (!_members.TryAdd(name, member.Value) && repeated.Add(name))
            {
                faults.Add(PathOf(name), "duplicate-member", "Send this member once.");
            }
        }
    }

    private ObjectReader(ObjectReader same, FaultList faults) =>
        (_path, _faults, _members, _known) = (same._path, faults, same._members, same._known);

    /// <summary>Reads the same object, and tells elsewhere what is wrong with the members that it takes.</summary>
    /// <param name="faults">Takes what is wrong.</param>
    public ObjectReader ReportingTo(FaultList faults) => new(this, faults);

    /// <summary>The path of a member.</summary>
    public string PathOf(string name) => FaultList.Member(_path, name);

    /// <summary>A fault of a member.</summary>
    public void Fault(string name, string code, string remedy) => _faults.Add(PathOf(name), code, remedy);

    /// <summary>A fault of one item of an array.</summary>
    public void Fault(string name, int index, string code, string remedy) => _faults.Add(FaultList.Item(PathOf(name), index), code, remedy);

    /// <summary>Whether it is there and nobody took it.</summary>
    public bool Has(string name) => _members.ContainsKey(name);

    /// <summary>Whether it is there and not null.</summary>
    public bool IsGiven(string name) => _members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Whether it is there and true; it stays to be taken.</summary>
    public bool IsTrue(string name) => _members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>The member's value; null when absent or null, which is a fault where the member is required.</summary>
    public JsonElement? Take(string name, Presence presence)
    {
        _known.Add(name);
        if (!_members.Remove(name, out var value))
        {
            if (presence == Presence.Required)
            {
                Fault(name, "missing", "Add this member.");
            }

            return null;
        }

        if (value.ValueKind != JsonValueKind.Null)
        {
            return value;
        }

        if (presence != Presence.Nullable)
        {
            Fault(
                name,
                "null",
                presence == Presence.Required ? "Give this member a value." : "Leave this member out instead of sending null."
            );
        }

        return null;
    }

    /// <summary>A text; null when it is absent, null or wrong.</summary>
    public string? Text(string name, Presence presence, int maxLength, TextKind kind = TextKind.Name) =>
        Take(name, presence) is { } value ? TextRules.Read(value, PathOf(name), _faults, maxLength, kind) : null;

    /// <summary>True or false; null when it is absent, null or wrong.</summary>
    public bool? Flag(string name, Presence presence)
    {
        if (Take(name, presence) is not { } value)
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Fault(name, "wrong-type", "Send true or false.");
        return null;
    }

    /// <summary>An object; null when it is absent, null or wrong.</summary>
    public ObjectReader? Child(string name, Presence presence) => Take(name, presence) is { } value ? ObjectOf(value, PathOf(name)) : null;

    /// <summary>An array of objects; null for an item that is none.</summary>
    public IReadOnlyList<ObjectReader?>? Objects(string name, Presence presence, int atMost) => Items(name, presence, atMost, ObjectOf);

    /// <summary>An array of texts; null for an item that is none.</summary>
    public IReadOnlyList<string?>? Texts(string name, Presence presence, int atMost, int maxLength, TextKind kind = TextKind.Name) =>
        Items(name, presence, atMost, (item, path) => TextRules.Read(item, path, _faults, maxLength, kind));

    /// <summary>The members that nobody took.</summary>
    public IEnumerable<KeyValuePair<string, JsonElement>> Rest() => _members;

    /// <summary>To be called when all known members are taken: what is left is unknown.</summary>
    public void RefuseRest()
    {
        foreach (var (name, _) in _members)
        {
            Fault(name, "unknown-member", "Remove this member; known here are " + string.Join(", ", _known) + ".");
        }
    }

    /// <summary>To be called instead where members that nobody knows are fine.</summary>
    public void IgnoreRest() => _members.Clear();

    /// <summary>A whole number between bounds; null when it is absent, null or wrong.</summary>
    public int? Number(string name, Presence presence, int least, int most)
    {
        if (Take(name, presence) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            Fault(name, "wrong-type", "Send a number.");
            return null;
        }

        if (value.TryGetInt32(out var number) && number >= least && number <= most)
        {
            return number;
        }

        Fault(
            name,
            "out-of-range",
            most == int.MaxValue
                ? string.Create(CultureInfo.InvariantCulture, $"Send a whole number of {least} or more.")
                : string.Create(CultureInfo.InvariantCulture, $"Send a whole number from {least} to {most}.")
        );
        return null;
    }

    private List<T>? Items<T>(string name, Presence presence, int atMost, Func<JsonElement, string, T> read)
    {
        if (Take(name, presence) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Fault(name, "wrong-type", "Send an array.");
            return null;
        }

        if (value.GetArrayLength() > atMost)
        {
            Fault(name, "too-many", string.Create(CultureInfo.InvariantCulture, $"Send at most {atMost} items."));
            return null;
        }

        return [.. value.EnumerateArray().Select((item, i) => read(item, FaultList.Item(PathOf(name), i)))];
    }

    private ObjectReader? ObjectOf(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            return new ObjectReader(value, path, _faults);
        }

        _faults.Add(path, "wrong-type", "Send a JSON object.");
        return null;
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair: no text. No known member is called that.
            return "\uFFFD";
        }
    }
}

/// <summary>Whether a member has to be there.</summary>
public enum Presence
{
    /// <summary>Its absence is a fault, and so is null.</summary>
    Required,

    /// <summary>It may be left out; null is a fault.</summary>
    Optional,

    /// <summary>Optional, and null means absent.</summary>
    Nullable,
}
