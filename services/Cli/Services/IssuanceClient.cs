namespace Governance.Cli.Services;

/// <summary>What this program reads from Issuance.</summary>
internal sealed class IssuanceClient(Uri address) : IDisposable
{
    private readonly ServiceClient _service = new(address);

    /// <summary>The targets of the installation, and who answers there.</summary>
    public async Task<IReadOnlyList<GovernedTarget>> TargetsAsync(CancellationToken cancellationToken) =>
        (
            await _service.GetAsync<TargetList>("v1/targets", cancellationToken)
            ?? throw new CommandException(ExitCodes.Unreachable, $"{address} is no Issuance of this version: it has no such resource.")
        ).Targets;

    public void Dispose() => _service.Dispose();

    private sealed record TargetList(IReadOnlyList<GovernedTarget> Targets);
}

/// <summary>A target as Issuance describes it.</summary>
internal sealed record GovernedTarget
{
    public required string Id { get; init; }
    public required string Kind { get; init; }

    /// <summary>Who it is, as accepted; null when it tells nobody.</summary>
    public string? Identity { get; init; }
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>The operator; null for the one that was seen first.</summary>
    public string? AcceptedBy { get; init; }

    /// <summary>Another one answers there than the accepted one.</summary>
    public required bool Changed { get; init; }

    /// <summary>Who that is; null when it tells nobody.</summary>
    public string? Other { get; init; }
    public DateTimeOffset? OtherSince { get; init; }
    public IReadOnlyList<string> Obstacles { get; init; } = [];
    public IReadOnlyList<ObstaclePlace> Places { get; init; } = [];
    public IReadOnlyList<string> Limits { get; init; } = [];
    public DateTimeOffset? LookedAt { get; init; }

    /// <summary>Why it did not answer when it was last asked; null when it did.</summary>
    public string? Unreachable { get; init; }

    /// <summary>When it did not answer for the first time; null where Issuance is of a version that does not say.</summary>
    public DateTimeOffset? UnreachableSince { get; init; }

    /// <summary>When it did not answer for the last time.</summary>
    public DateTimeOffset? UnreachableAt { get; init; }

    /// <summary>Nothing, or not everything, is given there.</summary>
    public bool IsBlocked => Changed || Unreachable is not null || Obstacles.Count > 0 || Places.Count > 0;
}

internal sealed record ObstaclePlace(TargetPlaceName Place, string Reason);

internal sealed record TargetPlaceName(string Account, string Privilege);
