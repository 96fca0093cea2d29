using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Principals;

namespace Governance.Lifecycle.Api;

/// <summary>By what access is still there in effect that this grant does not give any more.</summary>
public sealed record StillEffectiveView
{
    /// <summary>Other grants that hold the same entitlement now.</summary>
    public required IReadOnlyList<Guid> HeldBy { get; init; }

    /// <summary>Other paths, in the target's words; none where the target says that there is one and doesn't name it.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>When that was read; null where it is known from the grant's own end only.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>What was left at the end, and is so still as the target was read last; null when nothing is.</summary>
    public static StillEffectiveView? Of(Grant grant, PrincipalLedger? ledger)
    {
        if (grant.Remains is not { } left)
        {
            return null;
        }

        if (ledger?.Holdings.GetValueOrDefault(grant.Entitlement) is not { Observed: { } seen } holding)
        {
            return new StillEffectiveView { HeldBy = left.HeldBy, Paths = left.Paths };
        }

        // What was given since then is not this grant's business.
        IReadOnlyList<Guid> heldBy = [.. left.HeldBy.Where(id => holding.Leases.Any(l => l.GrantId == id))];
        var paths = seen.Paths ?? [];
        return heldBy.Count > 0 || paths.Count > 0 || seen is { Effective: true, Direct: false }
            ? new StillEffectiveView
            {
                HeldBy = heldBy,
                Paths = paths,
                AsOf = seen.At,
            }
            : null;
    }
}
