namespace Governance.Cedar;

/// <summary>One question to the engine. The JSON is Cedar's entity and value format and goes to the engine as it is, digit for digit.</summary>
/// <param name="Principal">Who.</param>
/// <param name="Action">Does what.</param>
/// <param name="Resource">To what.</param>
/// <param name="ContextJson">A JSON object.</param>
/// <param name="EntitiesJson">A JSON array of entities.</param>
public sealed record CedarRequest(CedarUid Principal, CedarUid Action, CedarUid Resource, string ContextJson, string EntitiesJson)
{
    /// <summary>
    /// Whether the request is checked against the policy set's schema, so that an unknown entity type, action or attribute is an error.
    /// Has no effect for a policy set without a schema.
    /// </summary>
    public bool Validate { get; init; } = true;
}
