using Governance.Contracts;

namespace Governance.Lifecycle.KillSwitch;

// Every event of an order's stream.

/// <summary>An operator wants all of this gone. The reason is kept beside the stream; <c>Reason</c> is its salted digest.</summary>
public sealed record RevocationOrdered
{
    public required RevocationSelector Selector { get; init; }

    /// <summary>Whom the selector's principal and owner meant at that moment; null where it names neither.</summary>
    public IReadOnlyList<string>? Principals { get; init; }

    /// <summary>What its target and entitlement meant; null where it names neither.</summary>
    public IReadOnlyList<string>? Entitlements { get; init; }

    public required string Reason { get; init; }

    /// <summary>Grants that it is about: all that matched and were not over.</summary>
    public required int Matched { get; init; }

    /// <summary>Those of them that were being taken away already.</summary>
    public required int UnderWay { get; init; }

    /// <summary>All grants of the installation that were not over.</summary>
    public required int Live { get; init; }

    /// <summary>The number that the operator confirmed; null where none was asked for.</summary>
    public int? Confirmed { get; init; }

    public required ActorRef Actor { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>Which grants the order is about, a page of them, with the states that they were in.</summary>
public sealed record RevocationAimed(IReadOnlyList<AimedGrant> Grants, DateTimeOffset At);

public sealed record AimedGrant(Guid GrantId, string State);

/// <summary>How the grants of the order ended, a page of them.</summary>
public sealed record RevocationAccounted(IReadOnlyList<AccountedGrant> Grants, DateTimeOffset At);

/// <summary>How a grant ended.</summary>
public sealed record AccountedGrant
{
    public required Guid GrantId { get; init; }
    public required string State { get; init; }

    /// <summary>Why it was taken away; null where it was never given.</summary>
    public string? Reason { get; init; }

    /// <summary>When absence was read back from the target, or the request was over.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Whether this order ended it; else something did that came before.</summary>
    public required bool ByThisOrder { get; init; }
}

/// <summary>Every grant of the order is over: taken away and read back, or never given.</summary>
public sealed record RevocationFinished
{
    /// <summary>Grants whose access was read back as absent.</summary>
    public required int Gone { get; init; }

    /// <summary>Grants that had given no access yet, and now never will.</summary>
    public required int Prevented { get; init; }

    /// <summary>When the last of them was over.</summary>
    public DateTimeOffset? LastEndedAt { get; init; }

    public required DateTimeOffset At { get; init; }
}
