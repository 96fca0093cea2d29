using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Installation;
using Governance.Lifecycle.Tickets;
using MassTransit;

namespace Governance.Lifecycle.Grants;

// A ticket is an input: it may take access away, and never keeps any.
public sealed partial class GrantTransitions
{
    public async Task UpdateTicketAsync(BehaviorContext<Grant, UpdateGrantTicket> context)
    {
        var (session, grant, m) = (Session(context), context.Saga, context.Message);
        if (grant.Ticket is not { } ticket || !TicketName.IsSame(ticket, m.Ticket))
        {
            return;
        }

        var isNews = IsNews(grant, m);
        // A close ends what was requested before it, whatever was heard of the ticket since.
        var endsThis = m.ClosedAt >= (grant.ReceivedAt ?? grant.RequestedAt);
        if (!isNews && (!endsThis || grant.TicketClosed))
        {
            return;
        }

        var closed = endsThis || m.Closed;

        session.Record(
            grant,
            new TicketUpdated
            {
                Ticket = isNews ? Named(GrantTicket.Of(m.Ticket), ticket) : ticket,
                Closed = closed,
                ChangedAt = m.ChangedAt,
                Number = isNews ? m.Number : null,
                At = session.Now,
            }
        );
        var over = closed && grant.Obligations is { BoundToTicket: true };
        switch (grant.CurrentState)
        {
            case GrantState.AwaitingApproval or GrantState.Scheduled when over:
                await DenyAsync(session, grant, [EndReason.TicketClosed], context.CancellationToken);
                break;
            case GrantState.AwaitingApproval:
                await StartEvaluationAsync(session, grant, EvaluationCause.Ticket, context.CancellationToken);
                break;
            case var _ when grant.EndsAtTarget && over:
                await StartRevocationAsync(session, grant, EndReason.TicketClosed, null, null, context.CancellationToken);
                break;
            case GrantState.Activating or GrantState.Active:
                var guard = await GuardedByAsync(session, grant, context.CancellationToken);
                await AskWhetherToRetainAsync(session, grant, EvaluationCause.Ticket, guard, context.CancellationToken);
                break;
        }
    }

    // It goes by the name that the request gave it.
    private static GrantTicket Named(GrantTicket ticket, GrantTicket asked) => ticket with { System = asked.System, Key = asked.Key };

    private static bool IsNews(Grant grant, UpdateGrantTicket m) =>
        m.Number is { } number
            ? !(grant.TicketNumber >= number)
            : !(grant.TicketChangedAt > m.ChangedAt || (grant.TicketChangedAt == m.ChangedAt && (grant.TicketClosed || !m.Closed)));

    /// <summary>The ticket may have changed while the request was on its way.</summary>
    private static async Task TakeNewsOfTicketAsync(
        GrantSession session,
        Grant grant,
        DateTimeOffset receivedAt,
        CancellationToken cancellationToken
    )
    {
        if (grant.Ticket is not { } ticket)
        {
            return;
        }

        await InstallationLock.TakeAsync(session.Documents, cancellationToken, TicketStatus.LocksOf(ticket.System, ticket.Key));
        if (
            await KnownTickets.FindAsync(session.Documents, ticket.System, ticket.Key, cancellationToken) is { } status
            // A claim is worth less than what the ticket's system said, however long ago. A request waits, too, and clocks differ: what was
            // closed stays so until its system says otherwise.
            && (
                status.Closed
                || status.ClosedAt >= receivedAt
                || ticket.Assurance != Assurance.Verified
                || (status.ReceivedAt ?? status.ChangedAt) > receivedAt
            )
        )
        {
            session.Record(
                grant,
                new TicketUpdated
                {
                    Ticket = Named(status.Ticket!, ticket),
                    Closed = status.Closed || status.ClosedAt >= receivedAt,
                    ChangedAt = status.ChangedAt,
                    Number = status.Number == 0 ? null : status.Number,
                    At = session.Now,
                }
            );
        }
    }
}
