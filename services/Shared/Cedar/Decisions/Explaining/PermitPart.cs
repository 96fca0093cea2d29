using System.Text.Json;

namespace Governance.Cedar.Decisions;

/// <summary>
/// A part of a permit that has to be met for it to hold: one variable of its scope, or one of what its conditions join by "and". In Cedar's
/// JSON form.
/// </summary>
/// <param name="Variable">The variable whose scope it is; null for a condition.</param>
/// <param name="Json">The scope of that variable, or the condition.</param>
/// <param name="Negated">Whether the condition must not hold.</param>
internal sealed record PermitPart(string? Variable, JsonElement Json, bool Negated)
{
    private static readonly string[] Variables = ["principal", "action", "resource"];

    /// <summary>The parts in their order.</summary>
    /// <param name="permit">The policy.</param>
    /// <param name="action">The action asked about: what a condition says of the action alone is known, and no part.</param>
    public static IEnumerable<PermitPart> Of(JsonElement permit, CedarUid action)
    {
        foreach (var variable in Variables)
        {
            var scope = permit.GetProperty(variable);
            if (!scope.GetProperty("op").ValueEquals("All"))
            {
                yield return new PermitPart(variable, scope, Negated: false);
            }
        }

        foreach (var condition in permit.GetProperty("conditions").EnumerateArray())
        {
            foreach (var part in Split(condition.GetProperty("body"), condition.GetProperty("kind").ValueEquals("unless"), action))
            {
                yield return part;
            }
        }
    }

    /// <summary>Whether it looks at a variable.</summary>
    public bool Reads(string variable) => Variable is { } own ? own == variable : Reads(Json, variable);

    /// <summary>
    /// Whether it is only there to let another look: it asks whether an attribute is there that the other reads.
    /// </summary>
    public bool Guards(PermitPart other)
    {
        if (Variable is not null || Negated || ReferenceEquals(this, other) || Single(Json) is not { Name: "has" } has)
        {
            return false;
        }

        // An expression is written by the engine, so that the same one is the same text.
        var left = has.Value.GetProperty("left").GetRawText();
        var attributes = has.Value.GetProperty("attr");
        string[] names =
            attributes.ValueKind == JsonValueKind.Array
                ? [.. attributes.EnumerateArray().Select(name => name.GetRawText())]
                : [attributes.GetRawText()];
        var read = names.Aggregate(left, (before, name) => "{\".\":{\"left\":" + before + ",\"attr\":" + name + "}}");
        return other.Variable is null && other.Json.GetRawText().Contains(read, StringComparison.Ordinal);
    }

    /// <summary>Writes the permit that holds exactly where this part is met.</summary>
    public void WriteProbe(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("effect", "permit");
        foreach (var variable in Variables)
        {
            writer.WritePropertyName(variable);
            if (Variable == variable)
            {
                Json.WriteTo(writer);
            }
            else
            {
                writer.WriteStartObject();
                writer.WriteString("op", "All");
                writer.WriteEndObject();
            }
        }

        writer.WriteStartArray("conditions");
        if (Variable is null)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", Negated ? "unless" : "when");
            writer.WritePropertyName("body");
            Json.WriteTo(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The one member of an expression.</summary>
    public static JsonProperty Single(JsonElement expression) => expression.EnumerateObject().Single();

    private static IEnumerable<PermitPart> Split(JsonElement expression, bool negated, CedarUid action)
    {
        var node = Single(expression);
        if (node.NameEquals("!"))
        {
            return Split(node.Value.GetProperty("arg"), !negated, action);
        }

        if (!node.NameEquals("&&") && !node.NameEquals("||"))
        {
            return IsOfAction(expression, action) is { } known && known != negated ? [] : [new PermitPart(null, expression, negated)];
        }

        var (left, right) = (node.Value.GetProperty("left"), node.Value.GetProperty("right"));
        if (node.NameEquals("&&") != negated)
        {
            return Split(left, negated, action).Concat(Split(right, negated, action));
        }

        // Of a choice, the side that is about another action is none, and the one that is about this action settles it.
        return (IsOfAction(left, action), IsOfAction(right, action)) switch
        {
            ({ } first, _) => first != negated ? [] : Split(right, negated, action),
            (_, { } second) => second != negated ? [] : Split(left, negated, action),
            _ => [new PermitPart(null, expression, negated)],
        };
    }

    /// <summary>The answer to a comparison of the action with one that is named; null if it is anything else.</summary>
    private static bool? IsOfAction(JsonElement expression, CedarUid action)
    {
        var node = Single(expression);
        return
            node.NameEquals("==")
            && Single(node.Value.GetProperty("left")) is { Name: "Var" } variable
            && variable.Value.ValueEquals("action")
            && Single(node.Value.GetProperty("right")) is { Name: "Value", Value.ValueKind: JsonValueKind.Object } value
            && value.Value.TryGetProperty("__entity", out var entity)
            ? new CedarUid(entity.GetProperty("type").GetString()!, entity.GetProperty("id").GetString()!) == action
            : null;
    }

    private static bool Reads(JsonElement part, string variable) =>
        part.ValueKind switch
        {
            JsonValueKind.Array => part.EnumerateArray().Any(item => Reads(item, variable)),
            JsonValueKind.Object => part.EnumerateObject()
                .Any(member =>
                    member.NameEquals("Var") && member.Value.ValueKind == JsonValueKind.String
                        ? member.Value.ValueEquals(variable)
                        : Reads(member.Value, variable)
                ),
            _ => false,
        };
}
