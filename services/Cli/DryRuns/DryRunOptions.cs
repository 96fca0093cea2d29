using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Governance.Contracts.Decisions;

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
    private readonly Option<string?> _assignee = new("--ticket-assignee") { Description = "Whom the ticket is assigned to: name or id." };
    private readonly Option<string?> _item = new("--ticket-item") { Description = "The configuration item that the ticket is about." };
    private readonly Option<DateTimeOffset?> _windowStart = new("--window-start")
    {
        Description = "When the ticket's change window starts.",
        CustomParser = Time,
    };

    private readonly Option<DateTimeOffset?> _windowEnd = new("--window-end") { Description = "When it ends.", CustomParser = Time };
    private readonly Option<bool> _emergency = new("--emergency") { Description = "As an emergency." };
    private readonly Option<bool> _verified = new("--verified")
    {
        Description = "As if the requester were authenticated and the source believed.",
    };
    private readonly Option<string[]> _onBehalfOf = new("--on-behalf-of")
    {
        Description = "On whose behalf the principal acts, nearest first; may be given several times.",
    };

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
                _assignee,
                _item,
                _windowStart,
                _windowEnd,
                _emergency,
                _verified,
                _onBehalfOf,
                _bundle,
            }
        )
        {
            command.Options.Add(option);
        }
    }

    public object Read(ParseResult parsed)
    {
        Option[] ofTicket = [_ticketSystem, _ticketState, _assignee, _item, _windowStart, _windowEnd];
        if (parsed.GetValue(_ticket) is null && ofTicket.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } lonely)
        {
            throw new CommandException(ExitCodes.Usage, $"{lonely.Name} says something of a ticket: name it with --ticket.");
        }

        return new
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
                    Assignee = parsed.GetValue(_assignee),
                    ConfigurationItem = parsed.GetValue(_item),
                    ChangeWindow = Window(parsed),
                }
                : null,
            Emergency = parsed.GetValue(_emergency),
            Verified = parsed.GetValue(_verified),
            OnBehalfOf = parsed.GetValue(_onBehalfOf) is { Length: > 0 } chain ? chain : null,
            Bundle = parsed.GetValue(_bundle),
        };
    }

    private ChangeWindow? Window(ParseResult parsed) =>
        (parsed.GetValue(_windowStart), parsed.GetValue(_windowEnd)) switch
        {
            (null, null) => null,
            ({ } start, { } end) when start < end => new ChangeWindow(start, end),
            _ => throw new CommandException(ExitCodes.Usage, "--window-start and --window-end: give both, the start before the end."),
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

        result.AddError($"{(result.Parent as OptionResult)?.Option.Name}: '{text}' is no time such as 2026-11-23T12:00:00Z.");
        return null;
    }
}
