using Governance.Connectors;
using Governance.Contracts.Lifecycle;

namespace Governance.Issuance.Holdings;

/// <summary>A holding that this process alone may work on until the hard end.</summary>
internal sealed record HoldingClaim
{
    public required Guid Id { get; init; }

    public required string Principal { get; init; }

    public required string Entitlement { get; init; }

    public required long Revision { get; init; }

    public required IReadOnlyList<Lease> Leases { get; init; }

    public required TargetBinding Binding { get; init; }

    /// <summary>The place is to be emptied, since the holding is wanted elsewhere.</summary>
    public required bool Moving { get; init; }

    /// <summary>The last lease has been over for so long that it is removed, whatever is desired.</summary>
    public required bool Ending { get; init; }

    public required int FailedAttempts { get; init; }

    /// <summary>Null until the target was looked at before the first change.</summary>
    public bool? PreExisting { get; init; }

    public string? Trace { get; init; }

    /// <summary>When the target was last seen to match: what is asked for after that is another order.</summary>
    public DateTimeOffset? LastObservedAt { get; init; }

    /// <summary>What the connector remembers of it; null for nothing.</summary>
    public string? Remembered { get; init; }

    public bool Wanted => Leases.Count > 0 && !Moving && !Ending;

    /// <summary>Grants whose credential is to be made with this attempt.</summary>
    public IReadOnlySet<Guid> CredentialsFor { get; init; } = new HashSet<Guid>();

    public DesiredHolding Desired =>
        new()
        {
            Holder = NameBasedUuid.Create(NameBasedUuid.GovernanceNamespace, $"holding\n{Principal}\n{Entitlement}"),
            Account = Binding.Account,
            Privilege = Binding.Privilege,
            Revision = Revision,
            Leases = Wanted ? Leases : [],
            CredentialsFor = CredentialsFor,
            Order = NameBasedUuid.Create(
                NameBasedUuid.GovernanceNamespace,
                string.Join('\n', "order", Principal, Entitlement, Binding.Target, Binding.Account, Binding.Privilege)
                    + FormattableString.Invariant($"\n{Revision}\n{Moving}\n{Ending}\n{LastObservedAt?.UtcTicks}\n")
                    + string.Join('\n', (Wanted ? Leases : []).Select(lease => lease.GrantId + " " + Moments.ToWire(lease.Until)))
            ),
        };
}
