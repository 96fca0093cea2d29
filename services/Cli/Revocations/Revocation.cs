using System.Text.Json;
using Governance.Cli.Grants;

namespace Governance.Cli.Revocations;

/// <summary>What an order would hit, as Lifecycle says.</summary>
internal sealed record Preview
{
    public required int Matched { get; init; }
    public required int UnderWay { get; init; }
    public required int Hit { get; init; }
    public required int Live { get; init; }
    public required bool NeedsConfirmation { get; init; }
    public required IReadOnlyDictionary<string, int> States { get; init; }
    public required IReadOnlyList<NameCount> Targets { get; init; }
    public required IReadOnlyList<NameCount> Entitlements { get; init; }
    public required IReadOnlyList<NameCount> Principals { get; init; }
    public required IReadOnlyList<JsonElement> Grants { get; init; }

    public static Preview Of(JsonElement document) => document.Deserialize<Preview>(WireJson.Options)!;
}

internal sealed record NameCount(string Name, int Count);

/// <summary>An order, as Lifecycle says how far it is.</summary>
internal sealed record Revocation
{
    public required Guid Id { get; init; }
    public required string State { get; init; }
    public required DateTimeOffset OrderedAt { get; init; }
    public required int Matched { get; init; }
    public required int Waiting { get; init; }
    public required int Revoking { get; init; }
    public required int Failed { get; init; }
    public required int Gone { get; init; }
    public required int Prevented { get; init; }
    public IReadOnlyList<FailedGrant>? Failures { get; init; }
    public IReadOnlyList<RemainingGrant>? StillEffective { get; init; }
    public DateTimeOffset? LastEndedAt { get; init; }

    public bool IsFinished => State == "finished";

    /// <summary>Nothing is left of what it was about, by whatever path.</summary>
    public bool AllGone => IsFinished && StillEffective is not { Count: > 0 };

    public int Over => Gone + Prevented;

    public static Revocation Of(JsonElement document) => document.Deserialize<Revocation>(WireJson.Options)!;
}

internal sealed record RemainingGrant(
    Guid Grant,
    string Principal,
    string Entitlement,
    IReadOnlyList<Guid> HeldBy,
    IReadOnlyList<string> Paths
);

internal sealed record FailedGrant(Guid Grant, string Principal, string Entitlement, SummaryFailure? Failure = null);
