using Governance.Contracts.Lifecycle;

namespace Governance.Connectors;

/// <summary>What should be at a target.</summary>
public sealed record DesiredHolding
{
    /// <summary>Names the holding without naming anybody: fencing compares revisions of the same holder only.</summary>
    public required Guid Holder { get; init; }

    /// <summary>The account's name at the target.</summary>
    public required string Account { get; init; }

    /// <summary>The privilege's name at the target.</summary>
    public required string Privilege { get; init; }

    /// <summary>Revision of the holding, from 1 upwards.</summary>
    public required long Revision { get; init; }

    /// <summary>The grants by which it is held; empty means that the access must be gone.</summary>
    public required IReadOnlyList<Lease> Leases { get; init; }

    /// <summary>
    /// The grants among <see cref="Leases"/> for whose own account a new credential is to be made with this attempt; others keep theirs. Always
    /// empty for a connector without accounts per grant.
    /// </summary>
    public IReadOnlySet<Guid> CredentialsFor { get; init; } = new HashSet<Guid>();

    /// <summary>
    /// Names what is to be done: the same for every attempt until one has succeeded, whichever process makes it. Empty where nobody says.
    /// </summary>
    public Guid Order { get; init; }

    /// <summary>
    /// What the connector remembers of this holding; null where nobody keeps it. What a removal or a reading back will need has to be kept
    /// before the change that gives is sent.
    /// </summary>
    public HoldingMemory? Memory { get; init; }

    /// <summary>Whether the access should be there.</summary>
    public bool Wanted => Leases.Count > 0;

    /// <summary>The latest end of the leases (UTC); null when there is none.</summary>
    public DateTimeOffset? Until => Wanted ? Leases.Max(l => l.Until) : null;
}
