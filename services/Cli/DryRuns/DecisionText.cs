using System.Text.Json;
using Governance.Cli.Yaml;
using Governance.Contracts.Decisions;

namespace Governance.Cli.DryRuns;

/// <summary>A decision for people.</summary>
internal static class DecisionText
{
    public static void Write(Terminal terminal, Decision decision)
    {
        terminal.Line($"{YamlScalars.NameOf(decision.Outcome)}: {string.Join(", ", decision.Reasons)}");
        if (decision.Outcome != Outcome.Forbid)
        {
            terminal.Line($"  for {IsoDuration.Format(decision.Duration)} from activation");
        }

        foreach (var cut in decision.Cuts)
        {
            terminal.Line($"  cut from {IsoDuration.Format(cut.From)} to {IsoDuration.Format(cut.To)} by {cut.By}");
        }

        WriteIf(terminal, "  ", decision.Nearest?.Describe());
        foreach (var policy in decision.Policies)
        {
            terminal.Line($"  {YamlScalars.NameOf(policy.Effect)} {policy.Id}{After(": ", policy.Reason)}");
            WriteIf(terminal, "    advice: ", policy.Advice);
        }

        foreach (var gate in decision.Gates)
        {
            terminal.Line($"  gate {gate.Id}: needs {gate.Requirement}{(gate.Discharged ? ", discharged" : "")}");
        }

        foreach (var exemption in decision.Exemptions ?? [])
        {
            terminal.Line($"  exempt from {exemption.Conflict} by {exemption.Id} until {Moments.ToWire(exemption.Until)}");
        }

        WriteObligations(terminal, decision.Obligations);
        foreach (var error in decision.Errors)
        {
            terminal.Line($"  error{After(" in ", error.Policy)}: {error.Message}");
        }

        terminal.Line($"  bundle {decision.Bundle}");
    }

    private static void WriteObligations(Terminal terminal, Obligations obligations)
    {
        WriteIf(terminal, "  review within ", obligations.ReviewWithin is { } within ? IsoDuration.Format(within) : null);
        WriteIf(terminal, "  ends with the ticket", obligations.BoundToTicket ? "" : null);
        WriteIf(terminal, "  not before ", obligations.NotBefore is { } start ? Moments.ToWire(start) : null);
        WriteIf(terminal, "  tells ", obligations.Notify.Count > 0 ? string.Join(", ", obligations.Notify) : null);
    }

    private static void WriteIf(Terminal terminal, string before, string? text)
    {
        if (text is not null)
        {
            terminal.Line(before + text);
        }
    }

    private static string After(string before, string? text) => text is null ? "" : before + text;
}
