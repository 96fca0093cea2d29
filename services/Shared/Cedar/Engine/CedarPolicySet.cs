using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Governance.Cedar;

/// <summary>Policies with their ids, and the schema they are evaluated under. Immutable; each instance of the engine parses it once.</summary>
public sealed class CedarPolicySet
{
    private CedarPolicySet(string policiesJson, string? schema, Func<CedarEngine, IReadOnlyDictionary<string, JsonElement>?> parse)
    {
        PoliciesJson = policiesJson;
        Schema = schema;
        Name = Digest(policiesJson);
        SchemaName = schema is null ? null : Digest(schema);
        Projections = new Projections(engine =>
            schema is not null && engine.SchemaOf(schema, SchemaName!) is { } shape && parse(engine) is { } policies
                ? (shape, policies)
                : null
        );
    }

    /// <summary>The schema in Cedar's own syntax, if there is one.</summary>
    public string? Schema { get; }

    internal string Name { get; }

    internal string? SchemaName { get; }

    internal string PoliciesJson { get; }

    internal Projections Projections { get; }

    /// <summary>Creates a set of policies by id. Nothing is checked here; a set that does not parse fails when it is used.</summary>
    /// <param name="policies">Policy id to the policy's text.</param>
    /// <param name="schema">The schema in Cedar's own syntax, if there is one.</param>
    public static CedarPolicySet FromPolicies(IReadOnlyDictionary<string, string> policies, string? schema)
    {
        ArgumentNullException.ThrowIfNull(policies);
        return new CedarPolicySet(Wrap(writer => CedarJson.WritePolicies(writer, policies)), schema, engine => engine.Parse(policies));
    }

    /// <summary>Creates a set from one text, whose policies get the ids <c>policy0</c>, <c>policy1</c>, … in their order.</summary>
    /// <param name="text">Any number of policies.</param>
    /// <param name="schema">The schema in Cedar's own syntax, if there is one.</param>
    public static CedarPolicySet FromText(string text, string? schema)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new CedarPolicySet(
            Wrap(writer => writer.WriteStringValue(text)),
            schema,
            engine => engine.NumberPolicies(text) is { } policies ? engine.Parse(policies) : null
        );
    }

    /// <summary>Creates a set of policies by id that were parsed before.</summary>
    internal static CedarPolicySet FromParsed(IReadOnlyDictionary<string, (string Text, JsonElement Json)> policies, string schema) =>
        new(
            Wrap(writer =>
                CedarJson.WritePolicies(writer, policies.ToDictionary(one => one.Key, one => one.Value.Text, StringComparer.Ordinal))
            ),
            schema,
            _ => policies.ToDictionary(one => one.Key, one => one.Value.Json, StringComparer.Ordinal)
        );

    private static string Wrap(Action<Utf8JsonWriter> staticPolicies) =>
        CedarJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("staticPolicies");
            staticPolicies(writer);
            writer.WriteEndObject();
        });

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
