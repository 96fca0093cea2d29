using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Governance.Cli.DryRuns;

/// <summary>The question of a dry run as options.</summary>
internal sealed class DryRunOptions
{
    private readonly Option<string> _principal = new("--principal") { Description = "Who would get it: name or id.", Required = true };
    private readonly Option<string> _entitlement = new("--entitlement") { Description = "What: TARGET/RIGHT.", Required = true };
    private readonly Option<string> _requester = new("--requester") { Description = "Who asks: name or id.", Required = true };
    private readonly Option<TimeSpan> _duration = new("--duration")
    {
        Description = "For how long, for example PT1H.",
        Required = true,
        CustomParser = Duration,
    };

    private readonly Option<DateTimeOffset?> _notBefore = new("--not-before") { Description = "From when.", CustomParser = Time };
    private readonly Option<string?> _ticket = new("--ticket") { Description = "The ticket's key." };
    private readonly Option<string> _ticketSystem = new("--ticket-system")
    {
        Description = "The ticket's system.",
        DefaultValueFactory = _ => "servicenow",
    };

    private readonly Option<string?> _ticketState = new("--ticket-state") { Description = "The ticket's state, in its system's words." };
    private readonly Option<string?> _bundle = new("--bundle") { Description = "Digest of a stored bundle. Default: the one in force." };

    public void AddTo(Command command)
    {
        foreach (
            var option in new Option[]
            {
                _principal,
                _entitlement,
                _requester,
                _duration,
                _notBefore,
                _ticket,
                _ticketSystem,
                _ticketState,
                _bundle,
            }
        )
        {
            command.Options.Add(option);
        }
    }

    public object Read(ParseResult parsed) =>
        new
        {
            Principal = parsed.GetRequiredValue(_principal),
            Entitlement = parsed.GetRequiredValue(_entitlement),
            Requester = parsed.GetRequiredValue(_requester),
            Duration = parsed.GetRequiredValue(_duration),
            NotBefore = parsed.GetValue(_notBefore),
            Ticket = parsed.GetValue(_ticket) is { } key
                ? new
                {
                    System = parsed.GetValue(_ticketSystem),
                    Key = key,
                    State = parsed.GetValue(_ticketState),
                }
                : null,
            Bundle = parsed.GetValue(_bundle),
        };

    private static TimeSpan Duration(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!IsoDuration.TryParse(text, out var duration) || duration <= TimeSpan.Zero)
        {
            result.AddError($"--duration: '{text}' is no duration such as PT1H or P7D.");
        }

        return duration;
    }

    private static DateTimeOffset? Time(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        result.AddError($"--not-before: '{text}' is no time such as 2026-11-23T12:00:00Z.");
        return null;
    }
}
