using System.Text;
using System.Text.Json;

namespace Governance.Cedar;

/// <summary>Reads a schema in Cedar's JSON form with resolved types. What it doesn't know it refuses.</summary>
internal sealed class SchemaReader
{
    private const string Own = "__cedar::";

    private static readonly Dictionary<string, ValueShape> Primitives = new(StringComparer.Ordinal)
    {
        ["Bool"] = new BoolShape(),
        ["Boolean"] = new BoolShape(),
        ["String"] = new TextShape(),
        ["Long"] = new LongShape(),
        ["datetime"] = new ExtensionShape("datetime", ExtensionText.IsDatetime),
        ["duration"] = new ExtensionShape("duration", ExtensionText.IsDuration),
        ["decimal"] = new ExtensionShape("decimal", ExtensionText.IsDecimal),
        ["ipaddr"] = new ExtensionShape("ip", ExtensionText.IsAddress),
    };

    private readonly Dictionary<string, JsonElement> _common = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EntityTypeShape> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<CedarUid, ActionShape> _actions = [];

    /// <summary>Null if something in it is not known here.</summary>
    public static SchemaShape? Read(JsonElement schema)
    {
        try
        {
            return new SchemaReader().ReadAll(schema);
        }
        catch (Exception failure) when (failure is NotSupportedException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private SchemaShape ReadAll(JsonElement schema)
    {
        var entities = new List<(EntityTypeShape Type, JsonElement Json)>();
        foreach (var space in schema.EnumerateObject())
        {
            foreach (var common in Members(space.Value, "commonTypes"))
            {
                _common.Add(Qualify(space.Name, common.Name), common.Value);
            }

            foreach (var entity in Members(space.Value, "entityTypes"))
            {
                var type = new EntityTypeShape(Qualify(space.Name, entity.Name));
                _types.Add(type.Name, type);
                entities.Add((type, entity.Value));
            }
        }

        if (_common.Keys.Any(Primitives.ContainsKey))
        {
            throw new NotSupportedException("A type is named like one of Cedar's own.");
        }

        foreach (var (type, json) in entities)
        {
            ReadEntityType(type, json);
        }

        foreach (var (type, _) in entities)
        {
            Climb(type.Above, above => above.Above);
        }

        foreach (var space in schema.EnumerateObject())
        {
            foreach (var action in Members(space.Value, "actions"))
            {
                ReadAction(new CedarUid(Qualify(space.Name, "Action"), action.Name), action.Value);
            }
        }

        foreach (var action in _actions.Values)
        {
            Climb(action.Above, above => _actions[above].Above);
        }

        return new SchemaShape(_types, _actions);
    }

    private void ReadEntityType(EntityTypeShape type, JsonElement json)
    {
        Expect(json, "memberOfTypes", "shape", "tags", "enum", "annotations");
        if (json.TryGetProperty("enum", out var ids))
        {
            type.Enumerate(ids.EnumerateArray().Select(id => id.GetString()!));
        }

        if (json.TryGetProperty("memberOfTypes", out var parents))
        {
            type.Above.UnionWith(parents.EnumerateArray().Select(parent => _types[parent.GetString()!]));
        }

        type.Describe(
            json.TryGetProperty("shape", out var shape) ? Record(shape) : new RecordShape([]),
            json.TryGetProperty("tags", out var tags) ? Shape(tags) : null
        );
    }

    private void ReadAction(CedarUid uid, JsonElement json)
    {
        Expect(json, "appliesTo", "memberOf", "annotations");
        var applies = json.GetProperty("appliesTo");
        Expect(applies, "principalTypes", "resourceTypes", "context");
        var groups = json.TryGetProperty("memberOf", out var above)
            ? above
                .EnumerateArray()
                .Select(group => new CedarUid(group.GetProperty("type").GetString()!, group.GetProperty("id").GetString()!))
            : [];
        _actions.Add(
            uid,
            new ActionShape(
                uid,
                Names(applies.GetProperty("principalTypes")),
                Names(applies.GetProperty("resourceTypes")),
                applies.TryGetProperty("context", out var context) ? Record(context) : new RecordShape([]),
                [.. groups]
            )
        );
    }

    private RecordShape Record(JsonElement type) => Shape(type) as RecordShape ?? throw new NotSupportedException("Not a record.");

    private ValueShape Shape(JsonElement type)
    {
        var name = type.GetProperty("type").GetString()!;
        Expect(type, "type", "element", "attributes", "name", "required", "annotations");
        return name switch
        {
            "Set" => new SetShape(Shape(type.GetProperty("element"))),
            "Entity" => new EntityShape(_types[type.GetProperty("name").GetString()!]),
            "Record" => Attributes(type.GetProperty("attributes")),
            "Extension" => Primitives[type.GetProperty("name").GetString()!],
            _ when Primitives.TryGetValue(name.StartsWith(Own, StringComparison.Ordinal) ? name[Own.Length..] : name, out var primitive) =>
                primitive,
            _ => Shape(_common[name]),
        };
    }

    private RecordShape Attributes(JsonElement attributes)
    {
        var all = attributes
            .EnumerateObject()
            .Select(attribute =>
                (
                    Encoding.UTF8.GetBytes(attribute.Name),
                    !attribute.Value.TryGetProperty("required", out var required) || required.GetBoolean(),
                    Shape(attribute.Value)
                )
            )
            .ToArray();

        // A record with a member like the escapes of references would be taken for one.
        return
            all.Length > RecordShape.MaximumAttributes
            || attributes.EnumerateObject().Any(attribute => attribute.Name.StartsWith("__", StringComparison.Ordinal))
            ? throw new NotSupportedException("Such a record is not known here.")
            : new RecordShape(all);
    }

    private static void Climb<T>(HashSet<T> above, Func<T, IEnumerable<T>> further)
    {
        var next = new Stack<T>(above);
        while (next.TryPop(out var one))
        {
            foreach (var higher in further(one).Where(above.Add).ToList())
            {
                next.Push(higher);
            }
        }
    }

    private static void Expect(JsonElement json, params ReadOnlySpan<string> members)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (!members.Contains(member.Name))
            {
                throw new NotSupportedException($"{member.Name} is not known here.");
            }
        }
    }

    private static HashSet<string> Names(JsonElement names) =>
        names.EnumerateArray().Select(name => name.GetString()!).ToHashSet(StringComparer.Ordinal);

    private static JsonElement.ObjectEnumerator Members(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var members) ? members.EnumerateObject() : default;

    private static string Qualify(string space, string name) => space.Length == 0 ? name : $"{space}::{name}";
}
