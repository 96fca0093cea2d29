using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Governance.Cedar;

/// <summary>A type of entities.</summary>
internal sealed class EntityTypeShape(string name)
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);
    private byte[][]? _ids;

    public string Name { get; } = name;

    public RecordShape Attributes { get; private set; } = new([]);

    public ValueShape? Tags { get; private set; }

    /// <summary>The types whose entities can be above one of this type, at any distance.</summary>
    public HashSet<EntityTypeShape> Above { get; } = [];

    /// <summary>Whether one can be above itself, as far as types tell.</summary>
    public bool CanBeAboveItself => Above.Contains(this);

    /// <summary>Whether all that there are is known by their ids; such have nothing but their name.</summary>
    public bool IsEnumerated => _ids is not null;

    public void Enumerate(IEnumerable<string> ids) => _ids = [.. ids.Select(Encoding.UTF8.GetBytes)];

    public void Describe(RecordShape attributes, ValueShape? tags) => (Attributes, Tags) = (attributes, tags);

    /// <summary>Whether a type and an id name one of these. An id with escapes is not judged.</summary>
    public bool Names(JsonElement type, JsonElement id) =>
        type.ValueKind == JsonValueKind.String
        && id.ValueKind == JsonValueKind.String
        && JsonMarshal.GetRawUtf8Value(type)[1..^1].SequenceEqual(_name)
        && IsPossible(JsonMarshal.GetRawUtf8Value(id)[1..^1]);

    public bool IsCalled(ReadOnlySpan<byte> type) => type.SequenceEqual(_name);

    /// <summary>Whether there can be one with this id.</summary>
    public bool IsPossible(ReadOnlySpan<byte> id)
    {
        if (id.Contains((byte)'\\'))
        {
            return false;
        }

        if (_ids is null)
        {
            return true;
        }

        foreach (var one in _ids)
        {
            if (id.SequenceEqual(one))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>An action.</summary>
/// <param name="Uid">Its name.</param>
/// <param name="Principals">The types that can do it.</param>
/// <param name="Resources">The types that it can be done to.</param>
/// <param name="Context">What its context looks like.</param>
/// <param name="Above">The groups it is in, at any distance.</param>
internal sealed record ActionShape(
    CedarUid Uid,
    IReadOnlySet<string> Principals,
    IReadOnlySet<string> Resources,
    RecordShape Context,
    HashSet<CedarUid> Above
);

/// <summary>A schema, as far as it takes to tell that a request conforms to it.</summary>
internal sealed class SchemaShape
{
    private readonly Dictionary<string, EntityTypeShape> _types;

    public SchemaShape(Dictionary<string, EntityTypeShape> types, Dictionary<CedarUid, ActionShape> actions)
    {
        _types = types;
        Actions = actions;
    }

    public IReadOnlyDictionary<CedarUid, ActionShape> Actions { get; }

    public EntityTypeShape? Find(string type) => _types.GetValueOrDefault(type);

    public EntityTypeShape? Find(JsonElement type, JsonElement id)
    {
        foreach (var shape in _types.Values)
        {
            if (shape.Names(type, id))
            {
                return shape;
            }
        }

        return null;
    }
}
