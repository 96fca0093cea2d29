using System.Text.Json;

namespace Governance.Cedar.Conformance;

/// <summary>One request and the answer that every engine has to give.</summary>
internal sealed record CorpusRequest(
    CedarUid Principal,
    CedarUid Action,
    CedarUid Resource,
    string Context,
    bool Validate,
    CedarDecision Decision,
    IReadOnlyList<string> Reason,
    IReadOnlyList<string> Errors
)
{
    public static CorpusRequest Read(JsonElement request) =>
        new(
            Uid(request.GetProperty("principal")),
            Uid(request.GetProperty("action")),
            Uid(request.GetProperty("resource")),
            request.GetProperty("context").GetRawText(),
            !request.TryGetProperty("validateRequest", out var validate) || validate.GetBoolean(),
            request.GetProperty("decision").ValueEquals("allow") ? CedarDecision.Allow : CedarDecision.Deny,
            Ids(request.GetProperty("reason")),
            Ids(request.GetProperty("errors"))
        );

    /// <summary>What differs from the expected answer; null if nothing does.</summary>
    public string? Difference(CedarAnswer answer)
    {
        var errors = answer
            .Errors.Select(error => error.PolicyId ?? $"request: {error.Message}")
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToList();
        return
            answer.Decision == Decision
            && answer.DeterminingPolicies.SequenceEqual(Reason, StringComparer.Ordinal)
            && errors.SequenceEqual(Errors, StringComparer.Ordinal)
            ? null
            : $"expected {Describe(Decision, Reason, Errors)}, got {Describe(answer.Decision, answer.DeterminingPolicies, errors)}";
    }

    private static string Describe(CedarDecision decision, IReadOnlyList<string> reason, IReadOnlyList<string> errors) =>
        $"{decision} by [{string.Join(", ", reason)}] with errors [{string.Join(", ", errors)}]";

    private static CedarUid Uid(JsonElement uid)
    {
        var value = uid.TryGetProperty("__entity", out var entity) ? entity : uid;
        return new CedarUid(value.GetProperty("type").GetString()!, value.GetProperty("id").GetString()!);
    }

    private static List<string> Ids(JsonElement ids) =>
        [.. ids.EnumerateArray().Select(id => id.GetString()!).Order(StringComparer.Ordinal)];
}
