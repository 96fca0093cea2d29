using Governance.Lifecycle.Grants;
using Governance.Lifecycle.KillSwitch;

namespace Governance.Lifecycle.Api;

/// <summary>What an order would be about now.</summary>
public sealed record RevocationPreview
{
    public required RevocationSelector Selector { get; init; }

    /// <summary>Grants that match and are not over.</summary>
    public required int Matched { get; init; }

    /// <summary>Those of them that are being taken away already.</summary>
    public required int UnderWay { get; init; }

    /// <summary>Those that the order would end: what <c>confirm</c> has to reach where it is asked for.</summary>
    public required int Hit { get; init; }

    /// <summary>All grants that are not over, whether they match or not.</summary>
    public required int Live { get; init; }

    /// <summary>Whether the order needs <c>confirm</c>.</summary>
    public required bool NeedsConfirmation { get; init; }

    public required IReadOnlyDictionary<string, int> States { get; init; }

    /// <summary>The most frequent ones.</summary>
    public required IReadOnlyList<NameCount> Targets { get; init; }
    public required IReadOnlyList<NameCount> Entitlements { get; init; }
    public required IReadOnlyList<NameCount> Principals { get; init; }

    public required IReadOnlyList<GrantView> Grants { get; init; }

    /// <summary>The cursor of the next page; null when this is the last.</summary>
    public Guid? Next { get; init; }
}

public sealed record NameCount(string Name, int Count)
{
    private const int Top = 20;

    public static IReadOnlyList<NameCount> Of(IEnumerable<string> names) =>
        [
            .. names
                .CountBy(n => n, StringComparer.Ordinal)
                .OrderByDescending(n => n.Value)
                .ThenBy(n => n.Key, StringComparer.Ordinal)
                .Take(Top)
                .Select(n => new NameCount(n.Key, n.Value)),
        ];
}

/// <summary>An order and how far it is. <c>Matched</c> is the sum of waiting, revoking, failed, gone and prevented.</summary>
public sealed record RevocationView
{
    public required Guid Id { get; init; }
    public required string State { get; init; }
    public required RevocationSelector Selector { get; init; }

    /// <summary>Null when it was erased.</summary>
    public string? Reason { get; init; }
    public required string OrderedBy { get; init; }
    public required DateTimeOffset OrderedAt { get; init; }
    public required int Matched { get; init; }

    /// <summary>Those of them that were being taken away already.</summary>
    public required int UnderWay { get; init; }

    /// <summary>Nothing is taking them away yet.</summary>
    public required int Waiting { get; init; }

    /// <summary>The target is asked to.</summary>
    public required int Revoking { get; init; }

    /// <summary>The target failed to, and is asked again.</summary>
    public required int Failed { get; init; }

    /// <summary>Read back as absent.</summary>
    public required int Gone { get; init; }

    /// <summary>Had given nothing yet, and never will.</summary>
    public required int Prevented { get; init; }

    /// <summary>Some of those that failed, those that failed most often first.</summary>
    public IReadOnlyList<RevocationFailure>? Failures { get; init; }

    /// <summary>Those that are over, and whose access is still there in effect by another grant or another path; null for none.</summary>
    public IReadOnlyList<RevocationRemainder>? StillEffective { get; init; }

    /// <summary>When the last of those that are over ended.</summary>
    public DateTimeOffset? LastEndedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public required RevocationLinks Links { get; init; }

    public static RevocationView Of(
        RevocationOrder order,
        RevocationProgress? now,
        IReadOnlyList<RevocationFailure> failing,
        string? reason,
        Func<string, string> name
    ) =>
        new()
        {
            Id = order.Id,
            State = order.State,
            Selector = order.Selector.Named(name),
            Reason = reason,
            OrderedBy = name(order.Actor!.Id),
            OrderedAt = order.At,
            Matched = order.Matched,
            UnderWay = order.UnderWay,
            Waiting = now?.Waiting ?? 0,
            Revoking = now?.Revoking ?? 0,
            Failed = now?.Failed ?? 0,
            Gone = now?.Gone ?? order.Gone,
            Prevented = now?.Prevented ?? order.Prevented,
            Failures = failing.Count == 0 ? null : failing,
            LastEndedAt = now is null ? order.LastEndedAt : now.LastEndedAt,
            FinishedAt = order.FinishedAt,
            Links = new RevocationLinks($"/v1/revocations/{order.Id}", $"/v1/revocations/{order.Id}/history"),
        };
}

/// <summary>A grant that the target does not let go.</summary>
public sealed record RevocationFailure(Guid Grant, string Principal, string Entitlement, GrantFailure? Failure);

/// <summary>A grant that is over, and by what its access is still there.</summary>
/// <param name="Grant">The grant.</param>
/// <param name="Principal">Who has the access.</param>
/// <param name="Entitlement">What it is.</param>
/// <param name="HeldBy">Other grants that hold the same.</param>
/// <param name="Paths">Other paths, in the target's words.</param>
public sealed record RevocationRemainder(
    Guid Grant,
    string Principal,
    string Entitlement,
    IReadOnlyList<Guid> HeldBy,
    IReadOnlyList<string> Paths
);

public sealed record RevocationLinks(string Self, string History);
