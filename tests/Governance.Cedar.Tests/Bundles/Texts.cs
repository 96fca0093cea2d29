using Governance.Cedar.Bundles;

namespace Governance.Cedar.Tests;

/// <summary>Makes bundles of texts under the suite's schema.</summary>
internal static class Texts
{
    public const string ActionNamespace = "Governance::Action::";

    public static PolicyBundleResult Load(params string[] policies) =>
        PolicyBundle.FromFiles(TheEngine.Shared, [new PolicyFile("test.cedar", string.Join("\n", policies))]);

    public static PolicyBundle Bundle(params string[] policies)
    {
        var result = Load(policies);
        return result.Bundle ?? throw new AssertionException(string.Join("\n", result.Faults));
    }

    /// <summary>A permit for `issue` with the annotations that it must have.</summary>
    public static string Permit(string id, string condition = "true", string annotations = "", string action = "issue") =>
        $$"""
            @id("{{id}}") @risk("low") @rationale("test") {{annotations}}
            permit(principal, action == Governance::Action::"{{action}}", resource) when { {{condition}} };
            """;

    public static string Forbid(string id, string condition = "true", string annotations = "", string action = "issue") =>
        $$"""
            @id("{{id}}") {{annotations}}
            forbid(principal, action == Governance::Action::"{{action}}", resource) when { {{condition}} };
            """;

    public static string Gate(string id, string requirement, string condition = "true", string annotations = "") =>
        Forbid(id, condition, $"""@approval("{requirement}") {annotations}""");

    public static string MayRequest => """@id("ask") permit(principal, action == Governance::Action::"request", resource);""";

    public static string MayApprove => """@id("vote") permit(principal, action == Governance::Action::"approve", resource);""";
}
