using Governance.Contracts.Issuance;
using Marten;

namespace Governance.Lifecycle.Grants;

/// <summary>
/// The last failed attempt for a grant at its target. The history keeps ever fewer of them, so that a target that is down for a day does not
/// fill it; this says which attempt it was, and when the next one is. It goes with the failure, and is no evidence.
/// </summary>
public sealed record LatestFailure
{
    /// <summary>The grant.</summary>
    public required Guid Id { get; init; }

    /// <summary>The holding's.</summary>
    public required long Revision { get; init; }

    /// <summary>By Issuance's clock, by which its messages are in order.</summary>
    public required DateTimeOffset FailedAt { get; init; }

    public required GrantFailure Failure { get; init; }

    public static LatestFailure Of(Guid grant, HoldingFailed failed, DateTimeOffset now) =>
        new()
        {
            Id = grant,
            Revision = failed.Revision,
            FailedAt = failed.FailedAt,
            Failure = new GrantFailure(failed.Code, failed.Message, failed.Attempt, now, failed.NextAttemptAt),
        };

    /// <summary>Messages may come in any order, and twice.</summary>
    public bool IsAfter(LatestFailure? other) =>
        other is null || Revision > other.Revision || (Revision == other.Revision && FailedAt > other.FailedAt);

    public static async Task<IReadOnlyDictionary<Guid, LatestFailure>> OfAsync(
        IQuerySession session,
        IEnumerable<Guid> grants,
        CancellationToken cancellationToken
    )
    {
        Guid[] ids = [.. grants];
        return ids.Length == 0
            ? new Dictionary<Guid, LatestFailure>()
            : (await session.LoadManyAsync<LatestFailure>(cancellationToken, ids)).ToDictionary(latest => latest.Id);
    }

    /// <summary>What went wrong last. A next attempt that is not in the future any more is under way, and none is named.</summary>
    /// <param name="recorded">The last one that the grant's history has; null while nothing is wrong.</param>
    /// <param name="latest">The last one that was told; null where an older version heard it.</param>
    /// <param name="now">The moment.</param>
    public static GrantFailure? Seen(GrantFailure? recorded, LatestFailure? latest, DateTimeOffset now)
    {
        var failure = recorded is not null && latest is not null && latest.Failure.At >= recorded.At ? latest.Failure : recorded;
        return failure is { NextAttemptAt: { } next } && next <= now ? failure with { NextAttemptAt = null } : failure;
    }
}
