using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>The kinds of principals as the Cedar schema names them.</summary>
internal static class PrincipalKinds
{
    /// <summary>The entity type, the member of a Party, and the name in policies.</summary>
    public static (string Type, string Member, string Name) Of(PrincipalKind kind) =>
        kind switch
        {
            PrincipalKind.Human => ("Governance::Human", "human", "human"),
            PrincipalKind.ServiceAccount => ("Governance::ServiceAccount", "serviceAccount", "service-account"),
            PrincipalKind.ApiKey => ("Governance::ApiKey", "apiKey", "api-key"),
            PrincipalKind.OauthClient => ("Governance::OAuthClient", "oauthClient", "oauth-client"),
            PrincipalKind.Certificate => ("Governance::Certificate", "certificate", "certificate"),
            PrincipalKind.Workload => ("Governance::Workload", "workload", "workload"),
            PrincipalKind.AiAgent => ("Governance::AiAgent", "aiAgent", "ai-agent"),
            _ => throw new InvalidFactsException($"unknown kind of principal {kind}"),
        };

    public static string NameOf(Risk risk) =>
        risk switch
        {
            Risk.Low => "low",
            Risk.Medium => "medium",
            Risk.High => "high",
            Risk.Critical => "critical",
            _ => throw new InvalidFactsException($"unknown risk {risk}"),
        };

    public static string NameOf(Assurance assurance) =>
        assurance switch
        {
            Assurance.Claimed => "claimed",
            Assurance.Verified => "verified",
            _ => throw new InvalidFactsException($"unknown assurance {assurance}"),
        };
}
