using Governance.Connectors;
using Governance.Contracts.Lifecycle;

namespace Governance.Issuance.Drift;

/// <summary>A holding that matched when it was last looked at, and for which nothing is asked.</summary>
/// <param name="Principal">Id of the principal.</param>
/// <param name="Entitlement">Id of the entitlement.</param>
/// <param name="Revision">What is desired.</param>
/// <param name="Account">Whose it is at the target.</param>
/// <param name="Privilege">What it is at the target.</param>
/// <param name="Leases">The grants that it is for.</param>
/// <param name="Seen">What was seen last.</param>
/// <param name="SeenAt">When, as it is stored.</param>
/// <param name="Remembered">What the connector remembers of it; null for nothing.</param>
/// <param name="TellAnyway">Lifecycle was told so long ago that it is told again although nothing has changed.</param>
internal sealed record SettledHolding(
    string Principal,
    string Entitlement,
    long Revision,
    string Account,
    string Privilege,
    IReadOnlyList<Lease> Leases,
    ObservedHolding Seen,
    DateTimeOffset SeenAt,
    string? Remembered,
    bool TellAnyway
)
{
    /// <summary>Whether anything that the record has of it is another now.</summary>
    public bool DiffersFrom(ObservedHolding now) =>
        Seen.Direct != now.Direct
        || Seen.Effective != now.Effective
        || Seen.Until != now.Until
        || !Seen.Paths.SequenceEqual(now.Paths, StringComparer.Ordinal)
        || !Seen.Narrowed.SequenceEqual(now.Narrowed, StringComparer.Ordinal)
        || !(Seen.Accounts ?? []).SequenceEqual(now.Accounts ?? []);

    /// <summary>The grants whose access should be there and is not.</summary>
    public IReadOnlyList<Guid> Missing(ObservedHolding now) =>
        now.Accounts is { } accounts ? [.. Leases.Select(l => l.GrantId).Except(accounts.Select(a => a.Grant)).Order()]
        : now.Direct ? []
        : [.. Leases.Select(l => l.GrantId).Order()];
}
