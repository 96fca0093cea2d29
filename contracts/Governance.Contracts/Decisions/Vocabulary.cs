namespace Governance.Contracts.Decisions;

/// <summary>How sure the suite is that a statement comes from whom it names.</summary>
public enum Assurance
{
    /// <summary>A message says so; nobody checked.</summary>
    Claimed,

    /// <summary>Authenticated by the suite, the broker or a signature, and from a source that the catalog trusts for it.</summary>
    Verified,
}

/// <summary>What a principal is.</summary>
public enum PrincipalKind
{
    /// <summary>A person.</summary>
    Human,

    /// <summary>An account of a service.</summary>
    ServiceAccount,

    /// <summary>A long-lived API key.</summary>
    ApiKey,

    /// <summary>An OAuth client or grant.</summary>
    OauthClient,

    /// <summary>A certificate.</summary>
    Certificate,

    /// <summary>A workload, for example a pod or a job.</summary>
    Workload,

    /// <summary>An AI agent.</summary>
    AiAgent,
}

/// <summary>How much harm an entitlement can do.</summary>
public enum Risk
{
    /// <summary>Little.</summary>
    Low,

    /// <summary>Some.</summary>
    Medium,

    /// <summary>Much.</summary>
    High,

    /// <summary>The most.</summary>
    Critical,
}

/// <summary>What is being decided about a grant.</summary>
public enum DecisionPurpose
{
    /// <summary>Whether the grantee gets what was asked for. Checks first whether it may be asked for at all.</summary>
    Issue,

    /// <summary>Whether the grantee keeps it for longer.</summary>
    Renew,

    /// <summary>Whether the grantee keeps it at all, since something that the decision was made from has changed. A Forbid takes it away.</summary>
    Retain,

    /// <summary>Whether somebody has the authority to say, as a reviewer, that the access may stay.</summary>
    Review,
}

/// <summary>What a decision says.</summary>
public enum Outcome
{
    /// <summary>Access may be given, within the decision's duration and obligations.</summary>
    Permit,

    /// <summary>Access may be given once the requirements of the fired gates are met.</summary>
    ApprovalRequired,

    /// <summary>Access must not be given.</summary>
    Forbid,
}

/// <summary>What a policy does.</summary>
public enum PolicyEffect
{
    /// <summary>Lets through.</summary>
    Permit,

    /// <summary>Stops.</summary>
    Forbid,
}
