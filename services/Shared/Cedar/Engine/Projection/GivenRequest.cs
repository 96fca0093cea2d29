using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Governance.Cedar;

/// <summary>A request that conforms to the schema, ready to be looked into.</summary>
internal sealed class GivenRequest : IDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly CedarRequest _request;
    private readonly SchemaShape _schema;
    private readonly JsonDocument _context;
    private readonly JsonDocument _entities;
    private readonly EntityTable _table;

    private GivenRequest(CedarRequest request, SchemaShape schema, JsonDocument context, JsonDocument entities, EntityTable table)
    {
        _request = request;
        _schema = schema;
        _context = context;
        _entities = entities;
        _table = table;
    }

    public CedarUid Action => _request.Action;

    /// <summary>Null if it might not conform: the engine says what is wrong with it, if anything is.</summary>
    public static GivenRequest? Read(CedarRequest request, SchemaShape schema, ActionShape action)
    {
        JsonDocument? context = null;
        JsonDocument? entities = null;
        GivenRequest? given = null;
        try
        {
            if (
                !action.Principals.Contains(request.Principal.Type)
                || !action.Resources.Contains(request.Resource.Type)
                || !IsPossible(schema, request.Principal)
                || !IsPossible(schema, request.Resource)
            )
            {
                return null;
            }

            context = JsonDocument.Parse(request.ContextJson);
            if (action.Context.Fits(context.RootElement))
            {
                entities = JsonDocument.Parse(request.EntitiesJson);
                if (EntityTable.Read(schema, entities.RootElement) is { } table)
                {
                    given = new GivenRequest(request, schema, context, entities, table);
                }
            }

            return given;
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
        finally
        {
            if (given is null)
            {
                context?.Dispose();
                entities?.Dispose();
            }
        }
    }

    public void Dispose()
    {
        _context.Dispose();
        _entities.Dispose();
    }

    /// <summary>The call that asks these policies about it.</summary>
    public void WriteCall(Utf8JsonWriter writer, ProjectedPolicies policies)
    {
        writer.WriteStartObject();
        CedarJson.WriteUid(writer, "principal", _request.Principal);
        CedarJson.WriteUid(writer, "action", _request.Action);
        CedarJson.WriteUid(writer, "resource", _request.Resource);
        writer.WriteStartObject("context");
        foreach (var (name, term) in policies.Terms)
        {
            WriteAnswer(writer, name, term);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("entities");
        WriteClimbed(writer, policies.Climbed);
        writer.WriteEndArray();
        writer.WriteString("preparsedPolicySetId", policies.Slot ?? policies.Name);
        writer.WriteEndObject();
    }

    private static bool IsPossible(SchemaShape schema, CedarUid uid) =>
        schema.Find(uid.Type) is { } type && type.IsPossible(StrictUtf8.GetBytes(uid.Id));

    // What can't be answered is left out: a policy that needs it all the same errs, and is then asked with everything.
    private void WriteAnswer(Utf8JsonWriter writer, JsonEncodedText name, Term term)
    {
        if (!TryFollow(term, out var value, out var holder))
        {
            return;
        }

        if (term.Within is { } above)
        {
            if (Start(term, value) is { } lowest)
            {
                writer.WriteBoolean(name, IsWithin(lowest, above));
            }

            return;
        }

        if (term.Presence is null)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
            return;
        }

        foreach (var attribute in term.Presence)
        {
            if (!holder.CanBeAsked)
            {
                return;
            }

            if (!holder.TryGet(attribute, out value))
            {
                writer.WriteBoolean(name, value: false);
                return;
            }

            holder = HolderOf(value);
        }

        writer.WriteBoolean(name, value: true);
    }

    /// <summary>The entity that a term is; null if it is none.</summary>
    private CedarUid? Start(Term term, JsonElement value)
    {
        if (term.Attributes.Count > 0)
        {
            return value.ValueKind == JsonValueKind.Object && value.TryGetProperty("__entity"u8, out var uid)
                ? new CedarUid(uid.GetProperty("type"u8).GetString()!, uid.GetProperty("id"u8).GetString()!)
                : null;
        }

        return term.Root switch
        {
            TermRoot.Principal => _request.Principal,
            TermRoot.Resource => _request.Resource,
            TermRoot.Action => _request.Action,
            TermRoot.Named => term.Named,
            _ => null,
        };
    }

    // One that is not there is in itself alone. Actions are known from the schema.
    private bool IsWithin(CedarUid lowest, IReadOnlyList<CedarUid> above)
    {
        if (above.Contains(lowest))
        {
            return true;
        }

        if (_schema.Actions.TryGetValue(lowest, out var action))
        {
            return above.Any(action.Above.Contains);
        }

        var seen = new HashSet<int>();
        var next = new Stack<int>([Find(lowest)]);
        while (next.TryPop(out var at))
        {
            if (at < 0 || !seen.Add(at))
            {
                continue;
            }

            foreach (var parent in _table.ParentsOf(at).EnumerateArray())
            {
                if (above.Any(one => parent.GetProperty("id"u8).ValueEquals(one.Id) && parent.GetProperty("type"u8).ValueEquals(one.Type)))
                {
                    return true;
                }

                next.Push(_table.Find(parent));
            }
        }

        return false;
    }

    private Holder Start(Term term) =>
        term.Root switch
        {
            TermRoot.Principal => HolderOf(_request.Principal),
            TermRoot.Resource => HolderOf(_request.Resource),
            TermRoot.Named => HolderOf(term.Named!),
            TermRoot.Context => new Holder(CanBeAsked: true, _context.RootElement),
            _ => new Holder(CanBeAsked: true, null),
        };

    private Holder HolderOf(CedarUid uid) => Attributes(Find(uid));

    private Holder HolderOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object || value.TryGetProperty("__extn"u8, out _))
        {
            return default;
        }

        return value.TryGetProperty("__entity"u8, out var uid) ? Attributes(_table.Find(uid)) : new Holder(CanBeAsked: true, value);
    }

    private Holder Attributes(int at) => new(CanBeAsked: true, at < 0 ? null : _table.AttributesOf(at));

    private int Find(CedarUid uid) => _table.Find(StrictUtf8.GetBytes(uid.Type), StrictUtf8.GetBytes(uid.Id));

    private void WriteClimbed(Utf8JsonWriter writer, IReadOnlyList<Term> climbed)
    {
        if (climbed.Count == 0)
        {
            return;
        }

        var written = new HashSet<int>();
        var actions = new HashSet<CedarUid>();
        foreach (var term in climbed)
        {
            if (term.Attributes.Count > 0)
            {
                if (
                    TryFollow(term, out var value, out _)
                    && value.ValueKind == JsonValueKind.Object
                    && value.TryGetProperty("__entity"u8, out var uid)
                )
                {
                    WriteWithAbove(writer, _table.Find(uid), written);
                }

                continue;
            }

            var start = term.Root switch
            {
                TermRoot.Principal => _request.Principal,
                TermRoot.Resource => _request.Resource,
                TermRoot.Action => _request.Action,
                _ => term.Named,
            };
            if (start is not null && _schema.Actions.TryGetValue(start, out var action))
            {
                if (actions.Add(start))
                {
                    WriteAction(writer, action);
                }
            }
            else if (start is not null)
            {
                WriteWithAbove(writer, Find(start), written);
            }
        }
    }

    private bool TryFollow(Term term, out JsonElement value, out Holder holder)
    {
        value = default;
        holder = Start(term);
        foreach (var attribute in term.Attributes)
        {
            if (!holder.TryGet(attribute, out value))
            {
                return false;
            }

            holder = HolderOf(value);
        }

        return true;
    }

    // One with nobody above is in itself alone, whether it is there or not.
    private void WriteWithAbove(Utf8JsonWriter writer, int lowest, HashSet<int> written)
    {
        var next = new Stack<int>([lowest]);
        while (next.TryPop(out var at))
        {
            if (at < 0 || !written.Add(at))
            {
                continue;
            }

            var parents = _table.ParentsOf(at);
            if (parents.GetArrayLength() == 0)
            {
                continue;
            }

            writer.WriteStartObject();
            writer.WritePropertyName("uid"u8);
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(_table.UidOf(at)), skipInputValidation: true);
            writer.WriteStartObject("attrs"u8);
            writer.WriteEndObject();
            writer.WritePropertyName("parents"u8);
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(parents), skipInputValidation: true);
            writer.WriteEndObject();
            foreach (var parent in parents.EnumerateArray())
            {
                next.Push(_table.Find(parent));
            }
        }
    }

    private static void WriteAction(Utf8JsonWriter writer, ActionShape action)
    {
        writer.WriteStartObject();
        CedarJson.WriteUid(writer, "uid", action.Uid);
        writer.WriteStartObject("attrs"u8);
        writer.WriteEndObject();
        writer.WriteStartArray("parents"u8);
        foreach (var above in action.Above)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, above.Type);
            writer.WriteString("id"u8, above.Id);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>What has attributes: a record or an entity. One that is not there has none; anything else can't be asked.</summary>
    private readonly record struct Holder(bool CanBeAsked, JsonElement? Members)
    {
        public bool TryGet(byte[] attribute, out JsonElement value)
        {
            value = default;
            return Members is { } members && members.TryGetProperty(attribute, out value);
        }
    }
}
