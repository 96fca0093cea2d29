using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Governance.Cedar;

/// <summary>The entities of a request by name, after it was made sure that they conform to the schema.</summary>
internal sealed class EntityTable
{
    private readonly List<Row> _rows;
    private readonly int[] _heads;
    private readonly HashSet<string> _actions = new(StringComparer.Ordinal);

    private EntityTable(int count)
    {
        _rows = new List<Row>(count);
        _heads = new int[BitOperations.RoundUpToPowerOf2((uint)count + 1)];
    }

    private readonly record struct Row(
        EntityTypeShape Type,
        JsonElement Uid,
        JsonElement Id,
        JsonElement Attributes,
        JsonElement Parents,
        int Next
    );

    public int Count => _rows.Count;

    /// <summary>Null if the engine might not take them.</summary>
    public static EntityTable? Read(SchemaShape schema, JsonElement entities)
    {
        if (entities.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var table = new EntityTable(entities.GetArrayLength());
        var mayTurn = false;
        foreach (var entity in entities.EnumerateArray())
        {
            if (!table.TryAdd(schema, entity, ref mayTurn))
            {
                return null;
            }
        }

        return mayTurn && table.Turns() ? null : table;
    }

    /// <summary>Where an entity is; -1 if it is not there.</summary>
    public int Find(ReadOnlySpan<byte> type, ReadOnlySpan<byte> id)
    {
        for (var at = _heads[Bucket(id)] - 1; at >= 0; at = _rows[at].Next)
        {
            if (_rows[at].Type.IsCalled(type) && Content(_rows[at].Id).SequenceEqual(id))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Where the entity of a reference (<c>type</c> and <c>id</c>) is; -1 if it is not there.</summary>
    public int Find(JsonElement uid) => Find(Content(uid.GetProperty("type"u8)), Content(uid.GetProperty("id"u8)));

    public JsonElement UidOf(int at) => _rows[at].Uid;

    public JsonElement AttributesOf(int at) => _rows[at].Attributes;

    public JsonElement ParentsOf(int at) => _rows[at].Parents;

    private static ReadOnlySpan<byte> Content(JsonElement text) => JsonMarshal.GetRawUtf8Value(text)[1..^1];

    private bool TryAdd(SchemaShape schema, JsonElement entity, ref bool mayTurn)
    {
        if (
            entity.ValueKind != JsonValueKind.Object
            || !entity.TryGetProperty("uid"u8, out var uid)
            || !entity.TryGetProperty("attrs"u8, out var attributes)
            || !entity.TryGetProperty("parents"u8, out var parents)
            || parents.ValueKind != JsonValueKind.Array
        )
        {
            return false;
        }

        var hasTags = entity.TryGetProperty("tags"u8, out var tags);
        if (IsLoneAction(schema, uid))
        {
            return !hasTags
                && entity.GetPropertyCount() == 3
                && attributes.ValueKind == JsonValueKind.Object
                && attributes.GetPropertyCount() == 0
                && parents.GetArrayLength() == 0
                && _actions.Add(uid.GetProperty("id"u8).GetString()!);
        }

        if (
            entity.GetPropertyCount() != (hasTags ? 4 : 3)
            || TypeOf(schema, uid, out var id) is not { } type
            || Find(Content(uid.GetProperty("type"u8)), Content(id)) >= 0
            || !type.Attributes.Fits(attributes)
            || (hasTags && !Fit(type, tags))
        )
        {
            return false;
        }

        foreach (var parent in parents.EnumerateArray())
        {
            if (TypeOf(schema, parent, out _) is not { } above || !type.Above.Contains(above))
            {
                return false;
            }

            mayTurn |= type.CanBeAboveItself && above.CanBeAboveItself;
        }

        var bucket = Bucket(Content(id));
        _rows.Add(new Row(type, uid, id, attributes, parents, _heads[bucket] - 1));
        _heads[bucket] = _rows.Count;
        return true;
    }

    // Actions are known from the schema, and the engine refuses any that is not as it says. One without groups can't be otherwise.
    private static bool IsLoneAction(SchemaShape schema, JsonElement uid) =>
        uid.ValueKind == JsonValueKind.Object
        && uid.GetPropertyCount() == 2
        && uid.TryGetProperty("type"u8, out var type)
        && uid.TryGetProperty("id"u8, out var id)
        && type.ValueKind == JsonValueKind.String
        && id.ValueKind == JsonValueKind.String
        && JsonMarshal.GetRawUtf8Value(type).EndsWith("Action\""u8)
        && schema.Actions.TryGetValue(new CedarUid(type.GetString()!, id.GetString()!), out var action)
        && action.Above.Count == 0;

    private static EntityTypeShape? TypeOf(SchemaShape schema, JsonElement uid, out JsonElement id)
    {
        id = default;
        return
            uid.ValueKind == JsonValueKind.Object
            && uid.GetPropertyCount() == 2
            && uid.TryGetProperty("type"u8, out var type)
            && uid.TryGetProperty("id"u8, out id)
            ? schema.Find(type, id)
            : null;
    }

    private static bool Fit(EntityTypeShape type, JsonElement tags)
    {
        if (tags.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tag in tags.EnumerateObject())
        {
            if (type.Tags is null || !names.Add(tag.Name) || !type.Tags.Fits(tag.Value))
            {
                return false;
            }
        }

        return true;
    }

    // The engine refuses entities of which one is above itself. Who has nobody above is taken away until nobody is left, or only turns are.
    private bool Turns()
    {
        var below = new List<int>[_rows.Count];
        var above = new int[_rows.Count];
        for (var at = 0; at < _rows.Count; at++)
        {
            foreach (var parent in _rows[at].Parents.EnumerateArray())
            {
                if (Find(parent) is >= 0 and var found)
                {
                    (below[found] ??= []).Add(at);
                    above[at]++;
                }
            }
        }

        var free = new Stack<int>(Enumerable.Range(0, _rows.Count).Where(at => above[at] == 0));
        var left = _rows.Count;
        while (free.TryPop(out var at))
        {
            left--;
            foreach (var lower in below[at] ?? [])
            {
                if (--above[lower] == 0)
                {
                    free.Push(lower);
                }
            }
        }

        return left > 0;
    }

    private int Bucket(ReadOnlySpan<byte> id)
    {
        var hash = default(HashCode);
        hash.AddBytes(id);
        return hash.ToHashCode() & (_heads.Length - 1);
    }
}
