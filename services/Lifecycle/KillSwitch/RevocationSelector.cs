namespace Governance.Lifecycle.KillSwitch;

/// <summary>Which grants an order is about, as the operator said it. What is given has to hold together; at least one is given.</summary>
public sealed record RevocationSelector
{
    /// <summary>Who has it.</summary>
    public string? Principal { get; init; }

    /// <summary>A human: what they have themselves, and what every identity has that they own when the order is given.</summary>
    public string? Owner { get; init; }

    /// <summary>Every entitlement of this target.</summary>
    public string? Target { get; init; }

    public string? Entitlement { get; init; }

    /// <summary>The ticket that the request referred to.</summary>
    public SelectedTicket? Ticket { get; init; }

    /// <summary>Digest of the bundle that the grant was decided by, or, while it is not decided, is being decided by.</summary>
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
    public string? System { get; init; }
    public required string Key { get; init; }
}
