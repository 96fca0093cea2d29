using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Objectives;
using Marten;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Api;

/// <summary>Holds what was recorded, and what is open now, against what is promised.</summary>
public sealed class SloReader(
    IDocumentStore store,
    RecordedWaits waits,
    OpenWaits waiting,
    Catalogs catalogs,
    TimeProvider clock,
    IOptions<LifecycleOptions> options
)
{
    public async Task<SloReport> ReadAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var objectives = Objective.Of(options.Value);
        var measured = await waits.MeasureAsync(objectives, since, cancellationToken);
        var now = clock.Now();
        var open = await waiting.FindAsync(objectives, now, cancellationToken);
        await using var session = store.QuerySession();
        var catalog = await catalogs.InForceAsync(session, cancellationToken);
        var views = objectives
            .Select(o => ObjectiveView.Of(o, measured.GetValueOrDefault(o.Name), open.GetValueOrDefault(o.Name), now, catalog))
            .ToList();
        return new SloReport
        {
            Since = since,
            At = now,
            Met = views.TrueForAll(v => v.Met && v.Open is null or { Late: 0 }),
            Objectives = views,
        };
    }
}

/// <summary>Whether access came and went as soon as is promised. All figures are seconds.</summary>
public sealed record SloReport
{
    /// <summary>What was recorded as read back from then on is counted.</summary>
    public required DateTimeOffset Since { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>Whether every objective is met, and nothing that is to be there, or gone, has waited for longer than its aim.</summary>
    public required bool Met { get; init; }
    public required IReadOnlyList<ObjectiveView> Objectives { get; init; }
}

public sealed record ObjectiveView
{
    public required string Objective { get; init; }

    /// <summary>99 of 100 are to take at most so long.</summary>
    public required decimal Aim { get; init; }

    /// <summary>How many were read back. There are no other figures when none was.</summary>
    public required long Count { get; init; }
    public decimal? P50 { get; init; }
    public decimal? P95 { get; init; }
    public decimal? P99 { get; init; }
    public decimal? Max { get; init; }

    /// <summary>How many took longer than the aim.</summary>
    public required long Missed { get; init; }

    /// <summary>Whether 99 of 100 took at most as long as they are to take.</summary>
    public required bool Met { get; init; }

    /// <summary>What is to be there, or gone, by this objective and is not yet; null when nothing is.</summary>
    public OpenView? Open { get; init; }

    public static ObjectiveView Of(Objective objective, WaitFigures? figures, OpenWait? open, DateTimeOffset now, LoadedCatalog? catalog)
    {
        var aim = (decimal)objective.Aim.TotalSeconds;
        return new ObjectiveView
        {
            Objective = objective.Name,
            Aim = aim,
            Count = figures?.Count ?? 0,
            P50 = figures?.P50,
            P95 = figures?.P95,
            P99 = figures?.P99,
            Max = figures?.Max,
            Missed = figures?.Missed ?? 0,
            Met = figures is null || figures.P99 <= aim,
            Open = open is null ? null : new OpenView(open.Count, open.Late, OldestView.Of(open, now, catalog)),
        };
    }
}

/// <param name="Count">How many.</param>
/// <param name="Late">Those of them that have waited for longer than the aim.</param>
/// <param name="Oldest">The one that has waited for the longest time.</param>
public sealed record OpenView(long Count, long Late, OldestView Oldest);

public sealed record OldestView
{
    public required Guid Grant { get; init; }
    public required string Principal { get; init; }
    public required string Entitlement { get; init; }
    public required string State { get; init; }

    /// <summary>Since when it is to be there, or gone.</summary>
    public required DateTimeOffset Since { get; init; }
    public required decimal Waiting { get; init; }

    /// <summary>What went wrong last, and when it is tried again; null while nothing has.</summary>
    public GrantFailure? Failure { get; init; }

    public static OldestView Of(OpenWait open, DateTimeOffset now, LoadedCatalog? catalog) =>
        new()
        {
            Grant = open.Oldest,
            Principal = catalog?.NameOf(open.Principal) ?? open.Principal,
            Entitlement = open.Entitlement,
            State = GrantState.ToWire(open.State),
            Since = open.Since,
            Waiting = Math.Max(0, (decimal)(now - open.Since).TotalSeconds),
            Failure = open.Failure,
        };
}
