using System.Globalization;
using Governance.Cli.Yaml;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Cases;

/// <summary>Says what came of the cases.</summary>
internal sealed class CaseReport(Terminal terminal, IReadOnlyList<CaseResult> results, IReadOnlyDictionary<string, int> coverage)
{
    private int Failed => results.Count(result => !result.Passed);

    private IReadOnlyList<string> Unexercised =>
        [.. coverage.Where(policy => policy.Value == 0).Select(policy => policy.Key).Order(StringComparer.Ordinal)];

    public void WriteText()
    {
        foreach (var file in results.GroupBy(result => result.Case.File, StringComparer.Ordinal))
        {
            terminal.Line(file.Key);
            foreach (var result in file)
            {
                WriteCase(result);
            }
        }
    }

    public void WriteTable() =>
        terminal.Table(
            ["case", "result", "outcome", "expected", "policies"],
            results.Select(result =>
                (string[])
                    [
                        result.Case.Name,
                        result.Passed ? "ok" : "FAIL",
                        YamlScalars.NameOf(result.Decision.Outcome),
                        string.Join("; ", result.Differences.Select(d => $"{d.Member} {d.Expected}, was {d.Actual}")),
                        string.Join(", ", result.Decision.Policies.Select(policy => policy.Id)),
                    ]
            )
        );

    public void WriteTotals(bool withCoverage, bool isComplete)
    {
        terminal.Line();
        if (withCoverage)
        {
            terminal.Table(
                ["policy", "determining in"],
                coverage
                    .OrderBy(policy => policy.Key, StringComparer.Ordinal)
                    .Select(policy => (string[])[policy.Key, policy.Value.ToString(CultureInfo.InvariantCulture)])
            );
        }

        terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{results.Count - Failed} passed, {Failed} failed"));
        if (isComplete && Unexercised is { Count: > 0 } missing)
        {
            terminal.Line($"not exercised by any case: {string.Join(", ", missing)}");
        }
    }

    public void WriteJson(string bundle) =>
        terminal.Document(
            new
            {
                Bundle = bundle,
                Passed = results.Count - Failed,
                Failed,
                Cases = results.Select(result => new
                {
                    result.Case.File,
                    result.Case.Line,
                    result.Case.Name,
                    result.Passed,
                    result.Differences,
                    result.Decision,
                }),
                Coverage = coverage
                    .OrderBy(policy => policy.Key, StringComparer.Ordinal)
                    .ToDictionary(policy => policy.Key, policy => policy.Value, StringComparer.Ordinal),
                Unexercised,
            }
        );

    private void WriteCase(CaseResult result)
    {
        if (result.Passed)
        {
            terminal.Line($"  ok    {result.Case.Name}");
            return;
        }

        terminal.Line($"  FAIL  {result.Case.Name}");
        terminal.Line(string.Create(CultureInfo.InvariantCulture, $"        {result.Case.File}:{result.Case.Line}"));
        foreach (var difference in result.Differences)
        {
            terminal.Line($"        {difference.Member}: expected {difference.Expected}, was {difference.Actual}");
        }

        WriteWhy(result.Decision);
    }

    private void WriteWhy(Decision decision)
    {
        terminal.Line($"        decided by: {string.Join(", ", decision.Reasons)}");
        if (decision.Nearest is { } nearest)
        {
            terminal.Line($"        {nearest.Describe()}");
        }

        foreach (var policy in decision.Policies)
        {
            terminal.Line(
                $"        {policy.Effect.ToString().ToLowerInvariant()} {policy.Id}{(policy.Reason is null ? "" : ": " + policy.Reason)}"
            );
        }

        foreach (var error in decision.Errors)
        {
            terminal.Line($"        error{(error.Policy is null ? "" : $" in {error.Policy}")}: {error.Message}");
        }
    }
}
