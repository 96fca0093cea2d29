namespace Governance.Cedar.Tests;

internal static class PolicySets
{
    public static CedarPolicySet Of(params (string Id, string Text)[] policies) => Under(schema: null, policies);

    public static CedarPolicySet Under(string? schema, params (string Id, string Text)[] policies) =>
        CedarPolicySet.FromPolicies(policies.ToDictionary(policy => policy.Id, policy => policy.Text, StringComparer.Ordinal), schema);
}
