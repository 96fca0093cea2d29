using Governance.Contracts.Decisions;
using Governance.Lifecycle.Grants;

namespace Governance.Lifecycle.Turns;

/// <summary>
/// A grant in the line of an actor: what one is permitted changes what the next is decided on. It follows from the grant and is written in
/// the same transaction, so that the line is what is stored, whoever dies.
/// </summary>
public sealed record Turn
{
    /// <summary>The grant.</summary>
    public required Guid Id { get; init; }

    /// <summary>The human whose separation of duties is judged; the principal where there is none.</summary>
    public required string Actor { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Of the grant's stream.</summary>
    public required long Version { get; init; }

    /// <summary>Whether an answer came too late once, since another grant of the actor was decided meanwhile.</summary>
    public bool Overtaken { get; init; }

    /// <summary>When policy was asked; null while that waits.</summary>
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>The turn that a grant has; null when it neither waits for one nor has one.</summary>
    public static Turn? Of(Grant grant) =>
        (grant.Queued, grant.Evaluation) switch
        {
            ({ }, _) => In(grant, null),
            // What holds already changes nothing for others, and is waited for only when it was overtaken.
            (_, { Purpose: DecisionPurpose.Issue or DecisionPurpose.Renew } open)
                when grant.CurrentState == GrantState.Evaluating || grant.Overtaken => In(grant, open.Now),
            _ => null,
        };

    private static Turn In(Grant grant, DateTimeOffset? askedAt) =>
        new()
        {
            Id = grant.Id,
            Actor = grant.Human ?? grant.Principal,
            RequestedAt = grant.RequestedAt,
            Version = grant.StreamVersion,
            Overtaken = grant.Overtaken,
            AskedAt = askedAt,
        };
}
