using System.Text.Json.Serialization;

namespace Governance.Connectors;

/// <summary>What a target showed.</summary>
public sealed record ObservedHolding
{
    /// <summary>The account has the privilege itself.</summary>
    public required bool Direct { get; init; }

    /// <summary>The account has the privilege in effect, by whatever path.</summary>
    public required bool Effective { get; init; }

    /// <summary>Paths other than the direct one by which it is effective, in the target's words, in ordinal order; at most 20.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>What narrows the access that is there to less than the privilege says, in the target's words, in ordinal order; at most 20.</summary>
    public IReadOnlyList<string> Narrowed { get; init; } = [];

    /// <summary>The accounts that grants have for themselves, in the order of their grants; null where leases share one right.</summary>
    public IReadOnlyList<GrantAccount>? Accounts { get; init; }

    /// <summary>When the target ends it by itself (UTC): the latest end of all accounts; null when it doesn't.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who made the direct access, as far as the target tells; null when it doesn't tell or there is none.</summary>
    public string? Marker { get; init; }

    /// <summary>Whether the target refuses what is older than the last change; null where it never does, or nothing was changed yet.</summary>
    public bool? Fenced { get; init; }

    /// <summary>The <see cref="Identity"/> of an answer for which no target needed to be asked, since none can have what was asked for.</summary>
    public const string AnyTarget = "*";

    /// <summary>
    /// Which target gave this answer, as <see cref="TargetPreflight.Identity"/> has it; null where the kind has no identity. An answer of
    /// another target than the accepted one says nothing.
    /// </summary>
    [JsonIgnore]
    public string? Identity { get; init; }

    /// <summary>
    /// What the connector would remember of a holding that is as it was seen (<see cref="HoldingMemory"/>), where nothing is remembered of it
    /// yet; null for nothing.
    /// </summary>
    [JsonIgnore]
    public string? Remember { get; init; }

    /// <summary>When the target was asked (UTC, milliseconds, this process's clock): the answer is at least as new.</summary>
    public required DateTimeOffset ObservedAt { get; init; }
}

/// <summary>An account that exists for one grant only.</summary>
/// <param name="Grant">The grant.</param>
/// <param name="Name">The account's name at the target.</param>
/// <param name="Until">When the target ends it by itself (UTC); null when it doesn't.</param>
public sealed record GrantAccount(Guid Grant, string Name, DateTimeOffset? Until);
