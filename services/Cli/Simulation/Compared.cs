using Governance.Cedar.Bundles;
using Governance.Cli.Services;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Simulation;

/// <summary>What is in force, with which a candidate is compared.</summary>
internal sealed record Compared(PolicyBundle Bundle, InForce InForce)
{
    /// <summary>Whether the catalog in force still has whom and what a request is about.</summary>
    public bool Names(AccessFacts facts) =>
        InForce.Principals.Contains(facts.Principal) && InForce.Entitlements.Contains(facts.Entitlement);
}
