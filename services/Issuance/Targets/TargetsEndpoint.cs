using Governance.Connectors;

namespace Governance.Issuance.Targets;

/// <summary>The operator's view of targets; read-only.</summary>
internal static class TargetsEndpoint
{
    public static void MapTargets(this IEndpointRouteBuilder app) => app.MapGet("/v1/targets", ListAsync);

    private static async Task<IResult> ListAsync(
        TargetCatalog targets,
        TargetRegister register,
        TargetGuard guard,
        CancellationToken cancellationToken
    )
    {
        var known = await register.AllAsync(cancellationToken);
        return Results.Ok(new { Targets = targets.All.Select(target => View(target, known.GetValueOrDefault(target.Id), guard)) });
    }

    private static TargetView View(Target target, KnownTarget? known, TargetGuard guard)
    {
        var verdict = guard.Find(target.Id);
        var silence = guard.SilenceOf(target.Id);
        return new()
        {
            Id = target.Id,
            Kind = target.Options.Kind,
            Identity = known?.Identity,
            AcceptedAt = known?.AcceptedAt,
            AcceptedBy = known?.AcceptedBy,
            Changed = known?.Other is not null,
            Other = known?.Other is { Length: > 0 } other ? other : null,
            OtherSince = known?.OtherSince,
            Obstacles = verdict?.Obstacles ?? [],
            Places = verdict?.Places ?? [],
            Limits = verdict?.Limits ?? [],
            LookedAt = verdict?.LookedAt,
            Unreachable = silence?.Reason,
            UnreachableSince = silence?.Since,
            UnreachableAt = silence?.At,
            Capabilities = target.Connector.Capabilities,
        };
    }
}

internal sealed record TargetView
{
    public required string Id { get; init; }
    public required string Kind { get; init; }

    /// <summary>Who it is, as accepted; null when it tells nobody.</summary>
    public string? Identity { get; init; }
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>Null for the one that was seen first.</summary>
    public string? AcceptedBy { get; init; }

    /// <summary>Another one answers there than the accepted one: nothing is given, and nothing counts as gone.</summary>
    public required bool Changed { get; init; }

    /// <summary>Who that is; null when there is no other, or it tells nobody.</summary>
    public string? Other { get; init; }
    public DateTimeOffset? OtherSince { get; init; }

    /// <summary>Why nothing is given there.</summary>
    public required IReadOnlyList<string> Obstacles { get; init; }

    /// <summary>Why nothing is given at single places.</summary>
    public required IReadOnlyList<PlaceObstacle> Places { get; init; }

    /// <summary>What it can't do of what its kind can.</summary>
    public required IReadOnlyList<string> Limits { get; init; }
    public DateTimeOffset? LookedAt { get; init; }

    /// <summary>Why it did not answer when it was last asked, to look at it or to change something; null when it did.</summary>
    public string? Unreachable { get; init; }

    /// <summary>When it did not answer for the first time, in this process.</summary>
    public DateTimeOffset? UnreachableSince { get; init; }

    /// <summary>When it did not answer for the last time.</summary>
    public DateTimeOffset? UnreachableAt { get; init; }
    public required ConnectorCapabilities Capabilities { get; init; }
}
