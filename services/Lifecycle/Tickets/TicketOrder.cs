using Governance.Contracts.Intake;

namespace Governance.Lifecycle.Tickets;

/// <summary>
/// Which changes of a ticket count. A close always does. Anything else orders itself among what its own sender said, and opens what is
/// closed only if that sender closed it, and not with a time that has not come.
/// </summary>
public static class TicketOrder
{
    public const string Older = "older";
    public const string InTheFuture = "in-the-future";
    public const string ClosedByAnother = "closed-by-another";

    /// <summary>How far the clock of a sender may be ahead of ours in what opens a ticket again.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);

    /// <summary>Why a change does not count; null if it does.</summary>
    public static string? WhyIgnored(TicketStatus? known, TicketChanged change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.Closed || known is null)
        {
            return null;
        }

        var word = WordOf(known, change.Source);
        return word is not null && word.At >= At(change) ? Older
            : !known.Closed ? null
            : change.ChangedAt > change.ReceivedAt + Skew ? InTheFuture
            : word is not { Closed: true } ? ClosedByAnother
            : null;
    }

    /// <summary>Whether a close comes late: its sender has opened the ticket again since.</summary>
    public static bool IsSuperseded(TicketStatus? known, TicketChanged change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return change.Closed && known is not null && WordOf(known, change.Source) is { Closed: false } word && word.At > At(change);
    }

    private static TicketWord? WordOf(TicketStatus known, string source) => known.Senders?.GetValueOrDefault(source);

    private static DateTimeOffset At(TicketChanged change) => TicketStatus.Effective(change.ChangedAt, change.ReceivedAt);
}
