using Governance.Cli.Yaml;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Cases;

/// <summary>Compares a decision with what a case expects.</summary>
internal sealed class Comparison
{
    private readonly List<Difference> _differences = [];

    public Comparison(PolicyCase policyCase, Decision decision)
    {
        var expected = policyCase.Expected;
        Compare("outcome", expected.Outcome is { } outcome ? YamlScalars.NameOf(outcome) : null, YamlScalars.NameOf(decision.Outcome));
        CompareSets("policies", expected.Policies, decision.Policies.Select(policy => policy.Id));
        CompareSets("reasons", expected.Reasons, decision.Reasons);
        Compare("duration", Text(expected.Duration), Text(decision.Duration));
        if (expected.Cuts is { } cuts)
        {
            Compare("cuts", List(cuts), List(decision.Cuts.Select(cut => cut.By)));
        }

        CompareGates(expected.Gates, decision.Gates);
        CompareSets(
            "uncounted",
            expected.Uncounted?.Select(vote => $"{vote.Key}: {vote.Value}"),
            decision.Uncounted.Select(vote => $"{policyCase.NameOf(vote.Approver)}: {vote.Code}")
        );
        CompareSets("exemptions", expected.Exemptions, (decision.Exemptions ?? []).Select(exemption => exemption.Id));
        CompareSets("errors", expected.Errors, decision.Errors.Select(error => error.Policy ?? error.Message));
        if (expected.Obligations is { } obligations)
        {
            CompareObligations(obligations, decision.Obligations);
        }
    }

    public IReadOnlyList<Difference> Differences => _differences;

    private void CompareGates(IReadOnlyList<ExpectedGate>? expected, IReadOnlyList<Gate> actual)
    {
        CompareSets("gates", expected?.Select(gate => gate.Id ?? ""), actual.Select(gate => gate.Id));
        foreach (var gate in (expected ?? []).Where(gate => gate.Discharged is not null))
        {
            if (actual.FirstOrDefault(fired => fired.Id == gate.Id) is { } fired)
            {
                Compare($"gates.{gate.Id}.discharged", Text(gate.Discharged), Text(fired.Discharged));
            }
        }
    }

    private void CompareObligations(ExpectedObligations expected, Obligations actual)
    {
        Compare("obligations.maxDuration", Text(expected.MaxDuration), Text(actual.MaxDuration));
        Compare("obligations.reviewWithin", Text(expected.ReviewWithin), Text(actual.ReviewWithin));
        Compare("obligations.boundToTicket", Text(expected.BoundToTicket), Text(actual.BoundToTicket));
        Compare(
            "obligations.notBefore",
            expected.NotBefore is { } time ? Moments.ToWire(time) : null,
            actual.NotBefore is { } start ? Moments.ToWire(start) : "none"
        );
        CompareSets("obligations.notify", expected.Notify, actual.Notify);
    }

    private void CompareSets(string member, IEnumerable<string>? expected, IEnumerable<string> actual)
    {
        if (expected is not null)
        {
            Compare(member, List(expected.Order(StringComparer.Ordinal)), List(actual.Order(StringComparer.Ordinal)));
        }
    }

    private void Compare(string member, string? expected, string? actual)
    {
        if (expected is not null && expected != actual)
        {
            _differences.Add(new Difference(member, expected, actual ?? "none"));
        }
    }

    private static string List(IEnumerable<string> values) => $"[{string.Join(", ", values)}]";

    private static string? Text(TimeSpan? duration) => duration is { } value ? IsoDuration.Format(value) : null;

    private static string? Text(bool? value) => value is { } known ? (known ? "true" : "false") : null;
}
