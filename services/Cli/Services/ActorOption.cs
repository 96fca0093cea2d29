using System.CommandLine;

namespace Governance.Cli.Services;

/// <summary>Who gives a command: an option, else an environment variable.</summary>
internal sealed class ActorOption(Terminal terminal)
{
    public const string Variable = "GOVERNANCE_ACTOR";

    public Option<string?> Option { get; } =
        new("--as") { Description = $"Who you are, for example kim@example.com. Default: {Variable}.", HelpName = "NAME" };

    /// <exception cref="CommandException">Nobody is named.</exception>
    public string Read(ParseResult parsed) =>
        parsed.GetValue(Option)
        ?? terminal.Variable(Variable)
        ?? throw new CommandException(ExitCodes.Usage, $"--as: say who you are, or set {Variable}.");
}
