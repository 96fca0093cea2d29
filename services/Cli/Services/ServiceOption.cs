using System.CommandLine;

namespace Governance.Cli.Services;

/// <summary>The address of a service: an option, else an environment variable, else where the suite runs on this machine.</summary>
internal sealed class ServiceOption
{
    private readonly Terminal _terminal;
    private readonly string _variable;
    private readonly string _local;

    private ServiceOption(Terminal terminal, string option, string service, string variable, string local)
    {
        (_terminal, _variable, _local) = (terminal, variable, local);
        Option = new Option<string?>(option)
        {
            Description = $"Address of the {service} service. Default: {variable}, else {local}.",
            HelpName = "URL",
        };
    }

    public Option<string?> Option { get; }

    public static ServiceOption Lifecycle(Terminal terminal) =>
        new(terminal, "--lifecycle", "Lifecycle", "GOVERNANCE_LIFECYCLE_URL", "http://127.0.0.1:17120");

    public static ServiceOption Policy(Terminal terminal) =>
        new(terminal, "--policy", "Policy", "GOVERNANCE_POLICY_URL", "http://127.0.0.1:17130");

    public static ServiceOption Issuance(Terminal terminal) =>
        new(terminal, "--issuance", "Issuance", "GOVERNANCE_ISSUANCE_URL", "http://127.0.0.1:17140");

    /// <exception cref="CommandException">It is no address.</exception>
    public Uri Read(ParseResult parsed)
    {
        var text = parsed.GetValue(Option) ?? _terminal.Variable(_variable) ?? _local;
        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new CommandException(
                ExitCodes.Usage,
                $"{Option.Name}: '{text}' is no address such as {_local}; set the option or {_variable}."
            );
    }
}
