using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>
/// Says in words what a part of a permit wants. Beside what the policy itself says, it tells no more than what the request says: the
/// duration and the ticket's state.
/// </summary>
internal sealed partial class PartText(RequestFacts asked, TimeSpan? duration)
{
    /// <summary>Longer texts are cut.</summary>
    public const int MaxLength = 200;

    private const int MaxDepth = 16;

    private static readonly Dictionary<string, (string Yes, string No)> Comparisons = new(StringComparer.Ordinal)
    {
        ["=="] = ("to be", "not to be"),
        ["!="] = ("not to be", "to be"),
        ["<"] = ("below", "at least"),
        ["<="] = ("at most", "above"),
        [">"] = ("above", "at most"),
        [">="] = ("at least", "below"),
        ["in"] = ("in", "not in"),
        ["contains"] = ("to contain", "not to contain"),
        ["containsAll"] = ("to contain all of", "not to contain all of"),
        ["containsAny"] = ("to contain any of", "to contain none of"),
    };

    private static readonly string[] Claims = ["!", "&&", "||", "isEmpty", "has", "hasTag", "like", "is", "if-then-else"];

    /// <summary>What follows "it wants".</summary>
    public string Of(PermitPart part)
    {
        var text = part.Variable is { } variable ? OfScope(variable, part.Json) : Say(part.Json, part.Negated, 0) + Given(part.Json);
        return text.Length <= MaxLength ? text : text[..Boundary(text)] + "…";
    }

    // Half a character is no text.
    private static int Boundary(string text) => char.IsHighSurrogate(text[MaxLength - 2]) ? MaxLength - 2 : MaxLength - 1;

    private static string OfScope(string variable, JsonElement scope)
    {
        var type = scope.TryGetProperty("entity_type", out var named) ? $"{variable} to be {Article(TypeName(named.GetString()!))}" : null;
        var within = scope.TryGetProperty("in", out var inside) ? inside : scope;
        var entities =
            within.TryGetProperty("entity", out var entity) ? Name(entity)
            : within.TryGetProperty("entities", out var several) ? AnyOf(several.EnumerateArray().Select(Name))
            : null;
        var isOne = scope.GetProperty("op").ValueEquals("==");
        return (type, entities) switch
        {
            (not null, not null) => $"{type} in {entities}",
            (not null, null) => type,
            _ => $"{variable} {(isOne ? "to be" : "in")} {entities}",
        };
    }

    private string Given(JsonElement expression)
    {
        var node = PermitPart.Single(expression);
        if (!Comparisons.ContainsKey(node.Name) || node.NameEquals("in"))
        {
            return "";
        }

        var sides = new[] { node.Value.GetProperty("left"), node.Value.GetProperty("right") }.Select(side => Path(side)).ToList();
        if (sides.Contains("duration", StringComparer.Ordinal) && duration is { } seen)
        {
            return seen == asked.Duration
                ? $", asked {IsoDuration.Format(seen)}"
                : $", asked {IsoDuration.Format(asked.Duration)}, which was cut to {IsoDuration.Format(seen)}";
        }

        return sides.Contains("ticket.state", StringComparer.Ordinal) ? $", is {Quote(asked.Ticket?.State) ?? "missing"}" : "";
    }

    private string Say(JsonElement expression, bool negated, int depth)
    {
        var node = PermitPart.Single(expression);
        if (depth > MaxDepth)
        {
            return "…";
        }

        string Inner(string member) => Term(node.Value.GetProperty(member), depth + 1);
        string Claim(string member, bool not) => Say(node.Value.GetProperty(member), not, depth + 1);
        switch (node.Name)
        {
            case "!":
                return Claim("arg", !negated);
            case "&&" or "||":
                var and = node.NameEquals("&&") != negated;
                return $"({Claim("left", negated)} {(and ? "and" : "or")} {Claim("right", negated)})";
            case var name when Comparisons.TryGetValue(name, out var words):
                return $"{Inner("left")} {(negated ? words.No : words.Yes)} {Inner("right")}";
            case "isEmpty":
                return $"{Inner("arg")} {(negated ? "not to be empty" : "to be empty")}";
            case "has":
                return negated ? $"no {Attribute(node, depth)}" : $"{Attribute(node, depth)} to be there";
            case "hasTag":
                return $"{Inner("left")} {(negated ? "without" : "with")} the tag {Inner("right")}";
            case "like":
                return $"{Inner("left")} {(negated ? "not like" : "like")} {Pattern(node.Value.GetProperty("pattern"))}";
            case "is":
                var type =
                    $"{Inner("left")} {(negated ? "not to be" : "to be")} {Article(TypeName(node.Value.GetProperty("entity_type").GetString()!))}";
                return node.Value.TryGetProperty("in", out var within) ? $"{type} in {Term(within, depth + 1)}" : type;
            case "if-then-else":
                return (negated ? "not " : "") + $"(if {Claim("if", false)} then {Claim("then", false)} else {Claim("else", false)})";
            default:
                return $"{Term(expression, depth)} to be {(negated ? "false" : "true")}";
        }
    }

    private string Term(JsonElement expression, int depth)
    {
        var node = PermitPart.Single(expression);
        if (depth > MaxDepth)
        {
            return "…";
        }

        string Inner(JsonElement inner) => Term(inner, depth + 1);
        return node.Name switch
        {
            "Var" => node.Value.GetString()!,
            "Value" => Literal(node.Value),
            "." when Path(expression) is { } path => path,
            "." => Attribute(node, depth),
            "Set" => $"[{string.Join(", ", node.Value.EnumerateArray().Select(Inner))}]",
            "Record" => $"{{{string.Join(", ", node.Value.EnumerateObject().Select(m => $"{m.Name}: {Inner(m.Value)}"))}}}",
            "neg" => $"-{Inner(node.Value.GetProperty("arg"))}",
            "+" or "-" or "*" => $"{Inner(node.Value.GetProperty("left"))} {node.Name} {Inner(node.Value.GetProperty("right"))}",
            "getTag" => $"the tag {Inner(node.Value.GetProperty("right"))} of {Inner(node.Value.GetProperty("left"))}",
            _ when node.Value.ValueKind == JsonValueKind.Array => Function(node.Name, [.. node.Value.EnumerateArray()], depth),
            _ when Claims.Contains(node.Name) || Comparisons.ContainsKey(node.Name) => $"({Say(expression, negated: false, depth + 1)})",
            _ => "…",
        };
    }

    private string Function(string name, JsonElement[] arguments, int depth) =>
        arguments is [var only] && PermitPart.Single(only) is { Name: "Value", Value.ValueKind: JsonValueKind.String } literal
            ? name switch
            {
                "duration" => IsoFormOf(literal.Value.GetString()!),
                _ => literal.Value.GetString()!,
            }
            : $"{name}({string.Join(", ", arguments.Select(argument => Term(argument, depth + 1)))})";

    private string Attribute(JsonProperty node, int depth)
    {
        var left = node.Value.GetProperty("left");
        var attribute = node.Value.GetProperty("attr");
        var name =
            attribute.ValueKind == JsonValueKind.Array
                ? string.Join('.', attribute.EnumerateArray().Select(one => one.GetString()))
                : attribute.GetString()!;
        return PermitPart.Single(left) is { Name: "Var" } variable && variable.Value.ValueEquals("context")
            ? name
            : $"{Term(left, depth + 1)}.{name}";
    }

    /// <summary>The attributes that are followed from a variable, without the word context; null if it is anything else.</summary>
    private static string? Path(JsonElement expression)
    {
        var names = new Stack<string>();
        for (var node = PermitPart.Single(expression); ; node = PermitPart.Single(node.Value.GetProperty("left")))
        {
            switch (node.Name)
            {
                case "Var":
                    var variable = node.Value.GetString()!;
                    return string.Join('.', variable == "context" && names.Count > 0 ? names : names.Prepend(variable));
                case "." when node.Value.GetProperty("attr").ValueKind == JsonValueKind.String:
                    names.Push(node.Value.GetProperty("attr").GetString()!);
                    continue;
                default:
                    return null;
            }
        }
    }

    private static string Literal(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => Quote(value.GetString())!,
            JsonValueKind.Object when value.TryGetProperty("__entity", out _) => Name(value),
            JsonValueKind.Object when value.TryGetProperty("__extn", out var extension) => extension
                .GetProperty("fn")
                .ValueEquals("duration")
                ? IsoFormOf(extension.GetProperty("arg").GetString()!)
                : extension.GetProperty("arg").GetString()!,
            JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Literal))}]",
            _ => value.GetRawText(),
        };

    private static string Name(JsonElement entity)
    {
        var uid = PolicyProjector.Uid(entity);
        return $"{TypeName(uid.Type)} {(uid.Id.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) ? Quote(uid.Id) : uid.Id)}";
    }

    // Governance::ServiceAccount is a service account, Governance::AiAgent an ai agent.
    private static string TypeName(string type)
    {
        var name = type[(type.LastIndexOf(':') + 1)..];
        var words = new StringBuilder();
        foreach (var c in name)
        {
            _ = char.IsAsciiLetterUpper(c) && words.Length > 0 ? words.Append(' ') : words;
            words.Append(char.ToLowerInvariant(c));
        }

        return words.ToString();
    }

    private static string Article(string noun) => ("aeiou".Contains(noun[0], StringComparison.Ordinal) ? "an " : "a ") + noun;

    private static string AnyOf(IEnumerable<string> names) => $"any of {string.Join(", ", names)}";

    private static string? Quote(string? text) => text is null ? null : JsonSerializer.Serialize(text, WireJson.Options);

    private static string Pattern(JsonElement pattern) =>
        pattern.ValueKind == JsonValueKind.Array
            ? Quote(
                string.Concat(
                    pattern
                        .EnumerateArray()
                        .Select(piece =>
                            piece.ValueKind == JsonValueKind.Object && piece.TryGetProperty("Literal", out var literal)
                                ? literal.GetString()
                                : "*"
                        )
                )
            )!
            : Quote(pattern.GetString())!;

    // Cedar writes 1d2h30m what is P1DT2H30M elsewhere in the suite.
    private static string IsoFormOf(string text)
    {
        if (!CedarDuration().IsMatch(text))
        {
            return text;
        }

        var total = TimeSpan.Zero;
        foreach (Match part in DurationPart().Matches(text))
        {
            if (
                !long.TryParse(part.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number > 1_000_000
            )
            {
                return text;
            }

            total += part.Groups["unit"].Value switch
            {
                "d" => TimeSpan.FromDays((int)number),
                "h" => TimeSpan.FromHours((int)number),
                "m" => TimeSpan.FromMinutes(number),
                "s" => TimeSpan.FromSeconds(number),
                _ => TimeSpan.FromMilliseconds(number),
            };
        }

        return IsoDuration.Format(total);
    }

    [GeneratedRegex(
        "^(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?(?:[0-9]+ms)?\\z",
        RegexOptions.CultureInvariant,
        RegexTimeout.Milliseconds
    )]
    private static partial Regex CedarDuration();

    [GeneratedRegex(
        "(?<number>[0-9]+)(?<unit>ms|[dhms])",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        RegexTimeout.Milliseconds
    )]
    private static partial Regex DurationPart();
}
