using System.Text.Json;
using Governance.Cli.Grants;

namespace Governance.Cli.Objectives;

/// <summary>Whether access came and went as soon as is promised, as Lifecycle says. All figures are seconds.</summary>
internal sealed record SloReport
{
    public required DateTimeOffset Since { get; init; }
    public required bool Met { get; init; }
    public required IReadOnlyList<ObjectiveFigures> Objectives { get; init; }

    public static SloReport Of(JsonElement document) => document.Deserialize<SloReport>(WireJson.Options)!;
}

internal sealed record ObjectiveFigures
{
    public required string Objective { get; init; }
    public required decimal Aim { get; init; }
    public required long Count { get; init; }
    public decimal? P50 { get; init; }
    public decimal? P95 { get; init; }
    public decimal? P99 { get; init; }
    public decimal? Max { get; init; }
    public required long Missed { get; init; }
    public required bool Met { get; init; }

    /// <summary>What the objective is about: access that is to be effective, or gone.</summary>
    public string Wanted => Objective.EndsWith("-to-effective", StringComparison.Ordinal) ? "effective" : "gone";

    /// <summary>What is to be effective, or gone, and is not yet; null when nothing is.</summary>
    public OpenFigures? Open { get; init; }

    public bool IsAsItShouldBe => Met && Open is null or { Late: 0 };
}

internal sealed record OpenFigures(long Count, long Late, OldestOpen Oldest);

internal sealed record OldestOpen
{
    public required Guid Grant { get; init; }
    public required string Principal { get; init; }
    public required string Entitlement { get; init; }
    public required string State { get; init; }
    public required decimal Waiting { get; init; }
    public SummaryFailure? Failure { get; init; }
}
