using Governance.Contracts.Lifecycle;

namespace Governance.Lifecycle.Principals;

/// <summary>What a principal holds, by which grants, until when. One stream per principal.</summary>
public sealed class PrincipalLedger
{
    public Guid Id { get; set; }

    public long StreamVersion { get; set; }

    public string Principal { get; set; } = "";

    /// <summary>The last revision given to any holding of this ledger.</summary>
    public long Revision { get; set; }

    /// <summary>Entitlements held, by the grant that holds them: from the permit until absence was read back.</summary>
    public Dictionary<Guid, string> Claims { get; set; } = [];

    /// <summary>What the targets are to match, by entitlement.</summary>
    public Dictionary<string, Holding> Holdings { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Grants of those who act on this principal's behalf, with the entitlement that they rely on. Some may have ended since: they go when the next one comes.</summary>
    public Dictionary<Guid, string>? Relying { get; set; }

    public void Apply(RightRelied e)
    {
        Step(e.Principal);
        Relying ??= [];
        foreach (var grant in e.Over)
        {
            Relying.Remove(grant);
        }

        Relying[e.GrantId] = e.Entitlement;
    }

    // Who relies on it may be left with another grant of it, and goes on relying on that.
    public void Apply(RightLost e) => StreamVersion++;

    public void Apply(HoldingClaimed e)
    {
        Step(e.Principal);
        Claims[e.GrantId] = e.Entitlement;
    }

    public void Apply(HoldingDesired e)
    {
        Step(e.Principal);
        Revision = e.Revision;
        var holding = Holdings.GetValueOrDefault(e.Entitlement);
        var awaiting = holding is null ? [] : new Dictionary<Guid, long>(holding.Awaiting);
        if (e.AwaitedBy is { } grant)
        {
            awaiting[grant] = e.Revision;
        }

        Holdings[e.Entitlement] = new Holding(e.Revision, [.. e.Leases], e.Binding, awaiting, holding?.Observed) { OrderedAt = e.At };
    }

    public void Apply(HoldingReasked e) => Step(e.Principal);

    public void Apply(HoldingConfirmed e)
    {
        StreamVersion++;
        if (Holdings.TryGetValue(e.Entitlement, out var holding))
        {
            Holdings[e.Entitlement] = holding with
            {
                Awaiting = holding.Awaiting.Where(a => !e.Told.Contains(a.Key)).ToDictionary(a => a.Key, a => a.Value),
                // An answer that comes after one that was read later still tells those who wait.
                Observed =
                    holding.Observed is { } last && last.Revision == e.Revision && last.At > e.ObservedAt
                        ? last
                        : new ObservedState(e.Revision, e.Direct, e.Effective, e.Until, e.ObservedAt)
                        {
                            Fenced = e.Fenced,
                            Paths = e.Paths.Count == 0 ? null : [.. e.Paths],
                            Narrowed = e.Narrowed is { Count: > 0 } narrowed ? [.. narrowed] : null,
                        },
            };
        }
    }

    public void Apply(HoldingReleased e)
    {
        StreamVersion++;
        Claims.Remove(e.GrantId);
    }

    private void Step(string principal)
    {
        StreamVersion++;
        Principal = principal;
    }
}

/// <summary>A holding as it is to be, and as it was last read back.</summary>
public sealed record Holding(
    long Revision,
    IReadOnlyList<Lease> Leases,
    TargetBinding Binding,
    IReadOnlyDictionary<Guid, long> Awaiting,
    ObservedState? Observed
)
{
    /// <summary>When its revision was recorded, and with it what goes to Issuance; null from a version that did not keep it.</summary>
    public DateTimeOffset? OrderedAt { get; init; }
}

/// <summary>What was read back.</summary>
public sealed record ObservedState(long Revision, bool Direct, bool Effective, DateTimeOffset? Until, DateTimeOffset At)
{
    /// <summary>Whether the target refuses what is older; null where that is not known.</summary>
    public bool? Fenced { get; init; }

    /// <summary>Paths by which it is effective without being direct, in the target's words; null for none.</summary>
    public IReadOnlyList<string>? Paths { get; init; }

    /// <summary>What makes less of it than was granted, in the target's words; null for nothing.</summary>
    public IReadOnlyList<string>? Narrowed { get; init; }
}
