using Governance.Reading;

namespace Governance.Lifecycle.KillSwitch;

/// <summary>Which grants an order is about, as the operator said it. What is given has to hold together; at least one is given.</summary>
public sealed record RevocationSelector
{
    internal const int MaxName = 500;

    /// <summary>Who has it.</summary>
    [Text(TextKind.Reference, MaxName)]
    public string? Principal { get; init; }

    /// <summary>A human: what they have themselves, and what every identity has that they own when the order is given.</summary>
    [Text(TextKind.Reference, MaxName)]
    public string? Owner { get; init; }

    /// <summary>Every entitlement of this target.</summary>
    [Text(TextKind.Reference, MaxName)]
    public string? Target { get; init; }

    [Text(TextKind.Reference, MaxName)]
    public string? Entitlement { get; init; }

    /// <summary>The ticket that the request referred to.</summary>
    public SelectedTicket? Ticket { get; init; }

    /// <summary>Digest of the bundle that the grant was decided by, or, while it is not decided, is being decided by.</summary>
    [Text(TextKind.Reference, MaxName)]
    public string? Bundle { get; init; }

    /// <summary>The same with other names for people.</summary>
    public RevocationSelector Named(Func<string, string> name) =>
        this with
        {
            Principal = Principal is null ? null : name(Principal),
            Owner = Owner is null ? null : name(Owner),
        };
}

/// <summary>A ticket; of whichever system has such a key when none is named.</summary>
public sealed record SelectedTicket
{
    [Text(TextKind.Reference, RevocationSelector.MaxName)]
    public string? System { get; init; }

    [Text(TextKind.Reference, RevocationSelector.MaxName)]
    public required string Key { get; init; }
}
