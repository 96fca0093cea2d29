using System.Text.Json;

namespace Governance.Cedar;

/// <summary>A policy text taken apart.</summary>
/// <param name="Policies">The texts of its static policies, comments stripped as the engine does.</param>
/// <param name="Templates">The texts of its templates.</param>
/// <param name="Errors">Why it does not parse; then the lists are empty.</param>
public sealed record CedarParts(IReadOnlyList<string> Policies, IReadOnlyList<string> Templates, IReadOnlyList<CedarError> Errors);

/// <summary>One policy in Cedar's JSON form.</summary>
/// <param name="Json">The policy; null if it does not parse.</param>
/// <param name="Errors">Why it does not parse.</param>
public sealed record CedarPolicyJson(JsonElement? Json, IReadOnlyList<CedarError> Errors);
