using System.Globalization;
using Governance.Cli.Yaml;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Simulation;

/// <summary>Says what a bundle would change.</summary>
internal sealed class SimulationReport(Terminal terminal, string bundle, Simulator simulator)
{
    private readonly IReadOnlyList<SimulatedGrant> _grants = simulator.Grants;

    /// <summary>Whether everything could be simulated.</summary>
    public bool IsComplete => simulator.Skipped.Count == 0;

    public bool Has(SimulatedChange change) => _grants.Any(grant => grant.Change == change);

    public void Write(OutputFormat format)
    {
        var changes = _grants.Where(grant => grant.Change != SimulatedChange.None).ToList();
        var counts = Enum.GetValues<SimulatedChange>().ToDictionary(change => YamlScalars.NameOf(change), Count, StringComparer.Ordinal);
        if (format == OutputFormat.Json)
        {
            terminal.Document(
                new
                {
                    Bundle = bundle,
                    Against = simulator.InForce is null ? "decided" : "in-force",
                    InForce = simulator.InForce?.Bundle.Digest,
                    simulator.Decisions,
                    Grants = _grants.Count,
                    Active = _grants.Count(grant => grant.Active),
                    simulator.MadeByOthers,
                    simulator.LeftOut,
                    Counts = counts,
                    Changes = changes,
                    simulator.Skipped,
                }
            );
            return;
        }

        if (changes.Count > 0)
        {
            WriteChanges(changes, format);
        }

        WriteTotals(counts);
    }

    private void WriteChanges(List<SimulatedGrant> changes, OutputFormat format)
    {
        if (format == OutputFormat.Table)
        {
            terminal.Table(
                ["change", "grant", "active", "principal", "entitlement", "was", "would be", "because of"],
                changes.Select(grant =>
                    (string[])
                        [
                            YamlScalars.NameOf(grant.Change),
                            grant.GrantId.ToString(),
                            grant.Active ? "yes" : "",
                            grant.Principal,
                            grant.Entitlement,
                            Text(grant.Before, grant.BeforeDuration),
                            Candidate(grant),
                            string.Join(", ", grant.Because),
                        ]
                )
            );
            return;
        }

        foreach (var grant in changes)
        {
            terminal.Line(
                $"{YamlScalars.NameOf(grant.Change)}: {(grant.Active ? "active " : "")}grant {grant.GrantId}, {grant.Principal} {grant.Entitlement}: "
                    + $"{Text(grant.Before, grant.BeforeDuration)} → {Candidate(grant)} ({string.Join(", ", grant.Because)})"
            );
        }
    }

    private void WriteTotals(Dictionary<string, int> counts)
    {
        foreach (var skipped in simulator.Skipped)
        {
            terminal.Complain($"not simulated: {skipped}");
        }

        if (simulator.MadeByOthers > 0)
        {
            terminal.Complain(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{simulator.MadeByOthers} decisions were made by other rules or another engine: a change may be theirs and not the bundle's"
                )
            );
        }

        if (simulator.LeftOut > 0)
        {
            terminal.Complain(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{simulator.LeftOut} requests are left out: the catalog in force has no such principal or entitlement"
                )
            );
        }

        terminal.Line(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{_grants.Count} requests ({_grants.Count(grant => grant.Active)} active): {string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"))}"
            )
        );
    }

    private int Count(SimulatedChange change) => _grants.Count(grant => grant.Change == change);

    private static string Candidate(SimulatedGrant grant) =>
        Text(grant.Candidate, grant.CandidateDuration)
        + (
            grant.Retained == Outcome.Forbid ? ", taken away"
            : grant.Retained is not null && grant.Candidate == Outcome.Forbid ? ", what is there stays until its end"
            : ""
        );

    private static string Text(Outcome outcome, TimeSpan duration) =>
        YamlScalars.NameOf(outcome) + (outcome == Outcome.Forbid ? "" : " " + IsoDuration.Format(duration));
}
