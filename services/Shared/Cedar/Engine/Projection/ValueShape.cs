using System.Runtime.InteropServices;
using System.Text.Json;

namespace Governance.Cedar;

/// <summary>
/// What a value has to look like. A value that fits is one that the engine takes for this type, too; one that doesn't may still be right,
/// only written in another way. Never the other way round.
/// </summary>
internal abstract class ValueShape
{
    public abstract bool Fits(JsonElement value);

    /// <summary>Whether it is text. Half a character can hide in an escape, and no engine takes that.</summary>
    protected static bool IsText(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            return JsonMarshal.GetRawUtf8Value(value).IndexOf("\\u"u8) < 0 || value.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The two members of an object, whatever their order; false if it has others.</summary>
    protected static bool HasTwo(
        JsonElement value,
        ReadOnlySpan<byte> one,
        ReadOnlySpan<byte> other,
        out JsonElement first,
        out JsonElement second
    )
    {
        (first, second) = (default, default);
        return value.ValueKind == JsonValueKind.Object
            && value.GetPropertyCount() == 2
            && value.TryGetProperty(one, out first)
            && value.TryGetProperty(other, out second);
    }
}

internal sealed class BoolShape : ValueShape
{
    public override bool Fits(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False;
}

internal sealed class TextShape : ValueShape
{
    public override bool Fits(JsonElement value) => IsText(value);
}

internal sealed class LongShape : ValueShape
{
    // The engine takes -0 for a decimal fraction.
    public override bool Fits(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _) && !JsonMarshal.GetRawUtf8Value(value).StartsWith("-0"u8);
}

internal sealed class SetShape(ValueShape element) : ValueShape
{
    public override bool Fits(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (var one in value.EnumerateArray())
        {
            if (!element.Fits(one))
            {
                return false;
            }
        }

        return true;
    }
}

internal sealed class EntityShape(EntityTypeShape type) : ValueShape
{
    public override bool Fits(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && value.GetPropertyCount() == 1
        && value.TryGetProperty("__entity"u8, out var uid)
        && HasTwo(uid, "type"u8, "id"u8, out var name, out var id)
        && type.Names(name, id);
}

internal sealed class ExtensionShape(string function, Func<ReadOnlySpan<byte>, bool> isArgument) : ValueShape
{
    public override bool Fits(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && value.GetPropertyCount() == 1
        && value.TryGetProperty("__extn"u8, out var call)
        && HasTwo(call, "fn"u8, "arg"u8, out var name, out var argument)
        && argument.ValueKind == JsonValueKind.String
        && name.ValueKind == JsonValueKind.String
        && name.ValueEquals(function)
        && isArgument(JsonMarshal.GetRawUtf8Value(argument)[1..^1]);
}

internal sealed class RecordShape : ValueShape
{
    public const int MaximumAttributes = 64;

    private readonly (byte[] Name, bool Required, ValueShape Shape)[] _attributes;
    private readonly ulong _required;

    public RecordShape((byte[] Name, bool Required, ValueShape Shape)[] attributes)
    {
        _attributes = attributes;
        for (var i = 0; i < attributes.Length; i++)
        {
            _required |= attributes[i].Required ? 1UL << i : 0;
        }
    }

    public override bool Fits(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var seen = 0UL;
        foreach (var member in value.EnumerateObject())
        {
            var at = Find(member);
            if (at < 0 || (seen & (1UL << at)) != 0 || !_attributes[at].Shape.Fits(member.Value))
            {
                return false;
            }

            seen |= 1UL << at;
        }

        return (seen & _required) == _required;
    }

    private int Find(JsonProperty member)
    {
        for (var i = 0; i < _attributes.Length; i++)
        {
            if (member.NameEquals(_attributes[i].Name))
            {
                return i;
            }
        }

        return -1;
    }
}
