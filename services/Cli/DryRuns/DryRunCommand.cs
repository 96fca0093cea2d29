using System.CommandLine;
using System.CommandLine.Parsing;
using Governance.Cli.Services;
using Governance.Cli.Yaml;
using Governance.Contracts.Decisions;

namespace Governance.Cli.DryRuns;

/// <summary><c>governance policy dry-run</c>: what would be decided now?</summary>
internal static class DryRunCommand
{
    private const string Help = """
        Asks the Policy service what it would decide now. Records nothing and gives nothing.

        Exit codes: 0 permit; 4 approval required; 5 forbid; 2 wrong usage, or the service refuses the question; 3 it can't be reached.
        """;

    public static Command Create(Terminal terminal)
    {
        var policy = ServiceOption.Policy(terminal);
        var output = OutputOption.Create();
        var question = new DryRunOptions();
        var command = new Command("dry-run", Help) { policy.Option, output };
        command.Aliases.Add("decide");
        question.AddTo(command);
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var service = new ServiceClient(policy.Read(parsed));
                var answer = await service.PostAsync<DryRunAnswer>("v1/decisions/dry-run", question.Read(parsed), cancellationToken);
                if (parsed.GetValue(output) == OutputFormat.Json)
                {
                    terminal.Document(answer);
                }
                else
                {
                    DecisionText.Write(terminal, answer.Decision);
                }

                return answer.Decision.Outcome switch
                {
                    Outcome.Permit => ExitCodes.Success,
                    Outcome.ApprovalRequired => ExitCodes.ApprovalRequired,
                    _ => ExitCodes.Forbidden,
                };
            }
        );
        return command;
    }
}
