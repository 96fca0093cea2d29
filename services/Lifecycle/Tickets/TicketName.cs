using Governance.Contracts.Intake;
using Governance.Lifecycle.Grants;

namespace Governance.Lifecycle.Tickets;

/// <summary>When two tickets are one: whatever the case in which people type their system and key.</summary>
public static class TicketName
{
    /// <summary>One spelling for all spellings of a name.</summary>
    public static string Fold(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.ToLowerInvariant();
    }

    public static bool AreSame(string? one, string? other) =>
        one is null || other is null ? one is null && other is null : Fold(one) == Fold(other);

    /// <summary>Whether both are the same ticket.</summary>
    public static bool IsSame(GrantTicket ticket, string system, string key)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        return AreSame(ticket.System, system) && AreSame(ticket.Key, key);
    }

    public static bool IsSame(GrantTicket ticket, RequestedTicket other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsSame(ticket, other.System, other.Key);
    }
}
