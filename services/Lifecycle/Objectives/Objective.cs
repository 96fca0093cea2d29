namespace Governance.Lifecycle.Objectives;

/// <summary>What is promised about how soon access is there, or gone: read back from the target, not only asked for.</summary>
/// <param name="Name">On the wire.</param>
/// <param name="Aim">99 of 100 take at most so long.</param>
public sealed record Objective(string Name, TimeSpan Aim)
{
    /// <summary>From the recorded permit to the access read back.</summary>
    public const string DecisionToEffective = "decision-to-effective";

    /// <summary>From the end of the time granted to absence read back.</summary>
    public const string ExpiryToGone = "expiry-to-gone";

    /// <summary>From a recorded revocation for any other reason to absence read back.</summary>
    public const string RevokeToGone = "revoke-to-gone";

    /// <summary>From a recorded suspension to absence read back.</summary>
    public const string SuspendToGone = "suspend-to-gone";

    public static IReadOnlyList<Objective> Of(LifecycleOptions options) =>
        [
            new(DecisionToEffective, options.SloDecisionToEffective),
            new(ExpiryToGone, options.SloExpiryToGone),
            new(RevokeToGone, options.SloRevokeToGone),
            new(SuspendToGone, options.SloSuspendToGone),
        ];
}
