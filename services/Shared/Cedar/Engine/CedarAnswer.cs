namespace Governance.Cedar;

/// <summary>What the engine decided. Default deny, and deny overrides.</summary>
public enum CedarDecision
{
    /// <summary>A forbid was satisfied, or no permit was, or the request could not be evaluated.</summary>
    Deny,

    /// <summary>A permit was satisfied and no forbid was.</summary>
    Allow,
}

/// <summary>
/// The engine's answer. A policy that errors is <em>skipped</em> by Cedar, even a forbid, so an <see cref="CedarDecision.Allow"/> with
/// <see cref="Errors"/> is not a permission: treat any error as a denial.
/// </summary>
/// <param name="Decision">The decision, errors not considered.</param>
/// <param name="DeterminingPolicies">The ids of the satisfied permits of an Allow or the satisfied forbids of a Deny, in ordinal order. Empty on default deny.</param>
/// <param name="Errors">What went wrong, of a policy or (no policy id) of the request itself; of policies in ordinal order of their ids.</param>
public sealed record CedarAnswer(CedarDecision Decision, IReadOnlyList<string> DeterminingPolicies, IReadOnlyList<CedarError> Errors)
{
    internal bool IsForbidden => Decision == CedarDecision.Deny && DeterminingPolicies.Count > 0;
}

/// <summary>A fault in a policy, a schema, or a request.</summary>
/// <param name="PolicyId">The policy it was found in; null where it is not about one policy.</param>
/// <param name="Message">The engine's text.</param>
/// <param name="Help">The engine's advice, if it has any.</param>
/// <param name="Locations">Where in the source text, as far as known.</param>
public sealed record CedarError(string? PolicyId, string Message, string? Help, IReadOnlyList<CedarSpan> Locations);

/// <summary>A part of a source text.</summary>
/// <param name="Start">The first byte of the UTF-8 text, from 0.</param>
/// <param name="End">The first byte after it.</param>
public sealed record CedarSpan(int Start, int End);
