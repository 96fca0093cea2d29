using Governance.Contracts.Decisions;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tickets;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Lifecycle.KillSwitch;

/// <summary>A selector with its owner and its target resolved: what a grant is compared with. What is null holds for every grant.</summary>
/// <param name="Principals">Any of these.</param>
/// <param name="Entitlements">Any of these.</param>
/// <param name="Ticket">This ticket.</param>
/// <param name="Bundle">Decided by this bundle, or being decided by it.</param>
public sealed record RevocationCriteria(
    IReadOnlyList<string>? Principals,
    IReadOnlyList<string>? Entitlements,
    SelectedTicket? Ticket,
    string? Bundle
)
{
    /// <summary>The same in SQL, with the parameters from <see cref="Bind"/>.</summary>
    internal const string Condition = """
        ($1::text[] is null or data ->> 'principal' = any($1))
        and ($2::text[] is null or data ->> 'entitlement' = any($2))
        and ($3::text is null or lower(data -> 'ticket' ->> 'system') = lower($3))
        and ($4::text is null or lower(data -> 'ticket' ->> 'key') = lower($4))
        and ($5::text is null or data -> 'decision' ->> 'bundle' = $5
            or (data -> 'evaluation' ->> 'bundle' = $5 and coalesce(data -> 'evaluation' ->> 'purpose', 'issue') in ('issue', 'renew')))
        """;

    public bool Matches(Grant grant) =>
        (Principals?.Contains(grant.Principal, StringComparer.Ordinal) ?? true)
        && (Entitlements?.Contains(grant.Entitlement, StringComparer.Ordinal) ?? true)
        && (Ticket is null || (grant.Ticket is { } ticket && TicketName.IsSame(ticket, Ticket.System ?? ticket.System, Ticket.Key)))
        && (
            Bundle is null
            || grant.Decision?.Bundle == Bundle
            || (grant.Evaluation is { Purpose: DecisionPurpose.Issue or DecisionPurpose.Renew } open && open.Bundle == Bundle)
        );

    internal void Bind(NpgsqlCommand command)
    {
        Add(command, Principals?.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(command, Entitlements?.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(command, Ticket?.System, NpgsqlDbType.Text);
        Add(command, Ticket?.Key, NpgsqlDbType.Text);
        Add(command, Bundle, NpgsqlDbType.Text);
    }

    private static void Add(NpgsqlCommand command, object? value, NpgsqlDbType type) =>
        command.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
}
