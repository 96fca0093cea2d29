using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Governance.Cedar;

/// <summary>
/// Writes policies anew, so that they ask a flat context for what they would have looked up by attributes. Nothing else of a policy
/// changes: operators, their order and what they skip are the engine's. What is not known here is refused, never guessed.
/// </summary>
internal sealed class PolicyProjector
{
    // With these, every other value is only compared or counted with, never looked into.
    private static readonly HashSet<string> TwoSided = new(StringComparer.Ordinal)
    {
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "&&",
        "||",
        "+",
        "-",
        "*",
        "contains",
        "containsAll",
        "containsAny",
    };

    private static readonly HashSet<string> OneSided = new(StringComparer.Ordinal) { "!", "neg", "isEmpty" };

    private static readonly HashSet<string> Functions = new(StringComparer.Ordinal)
    {
        "decimal",
        "lessThan",
        "lessThanOrEqual",
        "greaterThan",
        "greaterThanOrEqual",
        "ip",
        "isIpv4",
        "isIpv6",
        "isLoopback",
        "isMulticast",
        "isInRange",
        "datetime",
        "duration",
        "offset",
        "durationSince",
        "toDate",
        "toTime",
        "toMilliseconds",
        "toSeconds",
        "toMinutes",
        "toHours",
        "toDays",
    };

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<Term> _terms = [];
    private readonly Dictionary<string, Term> _climbed = new(StringComparer.Ordinal);
    private bool _refused;

    /// <summary>What the context has to answer, in the order of its members.</summary>
    public IReadOnlyList<Term> Terms => _terms;

    /// <summary>The entities whose parents are asked for.</summary>
    public IReadOnlyCollection<Term> Climbed => _climbed.Values;

    /// <summary>The policy for one action, whose scope no longer names it; null if it can't be written anew.</summary>
    public string? Write(JsonElement policy)
    {
        _refused = false;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("effect");
            policy.GetProperty("effect").WriteTo(writer);
            var principals = WriteScope(writer, "principal", TermRoot.Principal, policy.GetProperty("principal"));
            writer.WriteStartObject("action");
            writer.WriteString("op", "All");
            writer.WriteEndObject();
            var resources = WriteScope(writer, "resource", TermRoot.Resource, policy.GetProperty("resource"));
            writer.WriteStartArray("conditions");
            foreach (var within in new[] { principals, resources }.OfType<Term>())
            {
                writer.WriteStartObject();
                writer.WriteString("kind", "when");
                writer.WritePropertyName("body");
                WriteTerm(writer, within);
                writer.WriteEndObject();
            }

            foreach (var condition in policy.GetProperty("conditions").EnumerateArray())
            {
                writer.WriteStartObject();
                writer.WritePropertyName("kind");
                condition.GetProperty("kind").WriteTo(writer);
                writer.WritePropertyName("body");
                WriteExpression(writer, condition.GetProperty("body"));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return _refused ? null : Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <returns>What the scope asks beside what is written; null if that is all.</returns>
    private static Term? WriteScope(Utf8JsonWriter writer, string name, TermRoot variable, JsonElement scope)
    {
        var isIn = scope.GetProperty("op").ValueEquals("in");
        var above =
            isIn ? scope
            : scope.TryGetProperty("in", out var within) ? within
            : default;
        if (above.ValueKind == JsonValueKind.Undefined)
        {
            writer.WritePropertyName(name);
            scope.WriteTo(writer);
            return null;
        }

        writer.WriteStartObject(name);
        writer.WriteString("op", isIn ? "All" : "is");
        if (!isIn)
        {
            writer.WriteString("entity_type", scope.GetProperty("entity_type").GetString());
        }

        writer.WriteEndObject();
        return new Term(variable, null, []) { Within = [Uid(above.GetProperty("entity"))] };
    }

    private void WriteExpression(Utf8JsonWriter writer, JsonElement expression)
    {
        var node = Single(expression);
        switch (node.Name)
        {
            case "Value":
            case "Var" when !node.Value.ValueEquals("context"):
                expression.WriteTo(writer);
                break;
            case "." when Path(expression) is { } term:
                WriteTerm(writer, term);
                break;
            case "has" when Path(node.Value.GetProperty("left")) is { } term:
                WriteTerm(writer, term with { Presence = Names(node.Value.GetProperty("attr")) });
                break;
            case "." or "has" when IsRecord(node.Value.GetProperty("left")):
                WriteMembers(writer, node);
                break;
            case "in" when Path(node.Value.GetProperty("left")) is { } term && Literals(node.Value.GetProperty("right")) is { } above:
                WriteTerm(writer, term with { Within = above });
                break;
            case "in" when Path(node.Value.GetProperty("left")) is { } term:
                Climb(term);
                WriteMembers(writer, node);
                break;
            case "is" when !node.Value.TryGetProperty("in", out _):
                WriteMembers(writer, node);
                break;
            case "is" when Path(node.Value.GetProperty("left")) is { } term && Literals(node.Value.GetProperty("in")) is { } above:
                WriteIsIn(writer, node.Value, term with { Within = above });
                break;
            case "is" when Path(node.Value.GetProperty("left")) is { } term:
                Climb(term);
                WriteMembers(writer, node);
                break;
            case "like":
            case "if-then-else":
            case "Record":
            case { } known when TwoSided.Contains(known) || OneSided.Contains(known):
                WriteMembers(writer, node);
                break;
            case "Set":
            case { } function when Functions.Contains(function) && node.Value.ValueKind == JsonValueKind.Array:
                writer.WriteStartObject();
                writer.WriteStartArray(node.Name);
                foreach (var item in node.Value.EnumerateArray())
                {
                    WriteExpression(writer, item);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
                break;
            default:
                Refuse(writer);
                break;
        }
    }

    private void WriteIsIn(Utf8JsonWriter writer, JsonElement asked, Term within)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("&&");
        writer.WriteStartObject("left");
        writer.WriteStartObject("is");
        writer.WritePropertyName("left");
        WriteExpression(writer, asked.GetProperty("left"));
        writer.WriteString("entity_type", asked.GetProperty("entity_type").GetString());
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WritePropertyName("right");
        WriteTerm(writer, within);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteMembers(Utf8JsonWriter writer, JsonProperty node)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(node.Name);
        foreach (var member in node.Value.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            if (IsText(node.Name, member))
            {
                member.Value.WriteTo(writer);
            }
            else
            {
                WriteExpression(writer, member.Value);
            }
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static bool IsText(string node, JsonProperty member) =>
        node switch
        {
            "is" => member.NameEquals("entity_type"),
            "like" => member.NameEquals("pattern"),
            "." or "has" => member.NameEquals("attr"),
            _ => false,
        };

    // Of a record that the policy makes itself, all is there. What comes out of it is not looked into.
    private static bool IsRecord(JsonElement expression) => Single(expression).NameEquals("Record");

    private void WriteTerm(Utf8JsonWriter writer, Term term)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(".");
        writer.WriteStartObject("left");
        writer.WriteString("Var", "context");
        writer.WriteEndObject();
        writer.WriteString("attr", NameOf(Number(term)));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The member of the flat context that answers a term.</summary>
    public static string NameOf(int number) => number.ToString(CultureInfo.InvariantCulture);

    private int Number(Term term)
    {
        if (!_numbers.TryGetValue(term.Key, out var number))
        {
            number = _terms.Count;
            _numbers.Add(term.Key, number);
            _terms.Add(term);
        }

        return number;
    }

    private void Climb(Term term) => _climbed.TryAdd(term.Key, term);

    private void Refuse(Utf8JsonWriter writer)
    {
        _refused = true;
        writer.WriteNullValue();
    }

    private static Term? Path(JsonElement expression)
    {
        var node = Single(expression);
        switch (node.Name)
        {
            case "Var":
                return node.Value.GetString() switch
                {
                    "principal" => new Term(TermRoot.Principal, null, []),
                    "action" => new Term(TermRoot.Action, null, []),
                    "resource" => new Term(TermRoot.Resource, null, []),
                    "context" => new Term(TermRoot.Context, null, []),
                    _ => null,
                };
            case "Value" when Literal(node) is { } uid:
                return new Term(TermRoot.Named, uid, []);
            case "." when Path(node.Value.GetProperty("left")) is { } left:
                return left with { Attributes = [.. left.Attributes, .. Names(node.Value.GetProperty("attr"))] };
            default:
                return null;
        }
    }

    /// <summary>The entities that an expression names; null if it is anything else.</summary>
    private static CedarUid[]? Literals(JsonElement expression)
    {
        var node = Single(expression);
        if (!node.NameEquals("Set"))
        {
            return Literal(node) is { } one ? [one] : null;
        }

        CedarUid[] all = [.. node.Value.EnumerateArray().Select(item => Literal(Single(item))).OfType<CedarUid>()];
        return all.Length == node.Value.GetArrayLength() ? all : null;
    }

    private static CedarUid? Literal(JsonProperty node) =>
        node.NameEquals("Value") && node.Value.ValueKind == JsonValueKind.Object && node.Value.TryGetProperty("__entity", out var uid)
            ? Uid(uid)
            : null;

    /// <summary>The entity that a scope or a literal names.</summary>
    public static CedarUid Uid(JsonElement uid)
    {
        var named = uid.TryGetProperty("__entity", out var entity) ? entity : uid;
        return new CedarUid(named.GetProperty("type").GetString()!, named.GetProperty("id").GetString()!);
    }

    private static byte[][] Names(JsonElement attribute) =>
        attribute.ValueKind == JsonValueKind.Array
            ? [.. attribute.EnumerateArray().Select(name => Encoding.UTF8.GetBytes(name.GetString()!))]
            : [Encoding.UTF8.GetBytes(attribute.GetString()!)];

    private static JsonProperty Single(JsonElement expression) => expression.EnumerateObject().Single();
}
