using System.CommandLine;

namespace Governance.Cli.Revocations;

/// <summary>Which grants an order is about, as options. What is given has to hold together.</summary>
internal sealed class SelectorOptions
{
    private readonly Option<string?> _principal = new("--principal") { Description = "Who has it: name or id." };
    private readonly Option<string?> _owner = new("--owner") { Description = "A person: what they have, and every identity of theirs." };
    private readonly Option<string?> _target = new("--target") { Description = "Every entitlement of this target." };
    private readonly Option<string?> _entitlement = new("--entitlement") { Description = "TARGET/RIGHT." };
    private readonly Option<string?> _ticket = new("--ticket") { Description = "What was asked for on the ticket with this key." };
    private readonly Option<string?> _system = new("--ticket-system") { Description = "The ticket's system. Default: any." };
    private readonly Option<string?> _bundle = new("--bundle") { Description = "What was decided by the bundle with this digest." };

    public void AddTo(Command command)
    {
        Option<string?>[] selecting = [_principal, _owner, _target, _entitlement, _ticket, _bundle];
        foreach (var option in selecting.Append(_system))
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (Array.TrueForAll(selecting, option => result.GetResult(option) is null))
            {
                result.AddError($"Give at least one of {string.Join(", ", selecting.Select(option => option.Name))}.");
            }

            if (result.GetResult(_system) is not null && result.GetResult(_ticket) is null)
            {
                result.AddError("--ticket-system: give --ticket too.");
            }
        });
    }

    public Selector Read(ParseResult parsed) =>
        new(
            parsed.GetValue(_principal),
            parsed.GetValue(_owner),
            parsed.GetValue(_target),
            parsed.GetValue(_entitlement),
            parsed.GetValue(_ticket) is { } key ? new SelectorTicket(key, parsed.GetValue(_system)) : null,
            parsed.GetValue(_bundle)
        );
}

internal sealed record Selector(
    string? Principal,
    string? Owner,
    string? Target,
    string? Entitlement,
    SelectorTicket? Ticket,
    string? Bundle
);

internal sealed record SelectorTicket(string Key, string? System);
