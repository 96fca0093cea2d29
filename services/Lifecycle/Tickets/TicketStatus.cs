using System.Text.Json.Serialization;
using Governance.Contracts.Intake;
using Governance.Lifecycle.Grants;

namespace Governance.Lifecycle.Tickets;

/// <summary>A ticket as its systems said last. One stream a ticket.</summary>
public sealed class TicketStatus
{
    private const int Remembered = 64;

    public Guid Id { get; set; }

    /// <summary>Number of events in the stream: what is told of a ticket is told with it, so that of two messages the later counts.</summary>
    public long Number { get; set; }

    // The store names the members of its indexes by this, not by the naming policy.
    [JsonPropertyName("ticket")]
    public GrantTicket? Ticket { get; set; }

    public bool Closed { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>When the last change that counts came in; null in a record of before that was kept.</summary>
    public DateTimeOffset? ReceivedAt { get; set; }

    /// <summary>When it was closed last, by arrival: whatever was requested before is over. Null if it never was.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>The last word of each sender; null in a record of before that was kept.</summary>
    public Dictionary<string, TicketWord>? Senders { get; set; }

    /// <summary>The last events that were heard, so that a repeat is told from news.</summary>
    public List<string> Heard { get; set; } = [];

    /// <summary>The one stream of a ticket, however its name is spelled.</summary>
    public static Guid IdOf(string system, string key) =>
        NameBasedUuid.Create(NameBasedUuid.GovernanceNamespace, $"ticket\n{TicketName.Fold(system)}\n{TicketName.Fold(key)}");

    /// <summary>The ticket's lock, and the one that a replica of an earlier version takes for this spelling, in the order to take them in.</summary>
    public static IEnumerable<string> LocksOf(string system, string key) =>
        new[] { LockOf(TicketName.Fold(system), TicketName.Fold(key)), LockOf(system, key) }.Distinct(StringComparer.Ordinal);

    /// <summary>When a change counts as made: as its sender says, but never after it came in.</summary>
    public static DateTimeOffset Effective(DateTimeOffset changedAt, DateTimeOffset receivedAt) =>
        changedAt < receivedAt ? changedAt : receivedAt;

    public void Apply(TicketReported e)
    {
        Number++;
        Remember(e.Source, e.EventId);
        var receivedAt = e.ReceivedAt ?? e.At;
        if (e.Closed && !(ClosedAt > receivedAt))
        {
            ClosedAt = receivedAt;
        }

        if (e.Superseded)
        {
            return;
        }

        (Ticket, ChangedAt, ReceivedAt) = (e.Ticket, e.ChangedAt, receivedAt);
        Senders ??= new(StringComparer.Ordinal);
        Senders[e.Source] = new TicketWord(Effective(e.ChangedAt, receivedAt), e.Closed);
        Closed = Senders.Values.Any(word => word.Closed);
    }

    public void Apply(TicketReportIgnored e)
    {
        Number++;
        Remember(e.Source, e.EventId);
    }

    public void Apply(TicketStateUnknown e)
    {
        ArgumentNullException.ThrowIfNull(e);
        Number++;
    }

    internal bool HasHeard(TicketChanged change) => Heard.Contains(Key(change.Source, change.EventId), StringComparer.Ordinal);

    /// <summary>What a record of before senders were kept lacks, as its history has it.</summary>
    internal void Complete(TicketStatus folded) =>
        (Number, Senders, ReceivedAt, ClosedAt, Heard) = (folded.Number, folded.Senders, folded.ReceivedAt, folded.ClosedAt, folded.Heard);

    /// <summary>What is known of one ticket by several streams: of each sender its last word, and every close.</summary>
    internal static TicketStatus Merge(IReadOnlyList<TicketStatus> records)
    {
        var words = records
            .SelectMany(r => r.Senders ?? [])
            .GroupBy(s => s.Key, s => s.Value, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.OrderByDescending(w => w.At).ThenByDescending(w => w.Closed).First(), StringComparer.Ordinal);
        var latest = records.Where(r => r.Ticket is not null).MaxBy(r => r.ReceivedAt ?? r.ChangedAt);
        return new TicketStatus
        {
            Id = records[0].Id,
            Number = records.Sum(r => r.Number),
            Ticket = latest?.Ticket,
            Closed = words.Values.Any(w => w.Closed),
            ChangedAt = latest?.ChangedAt ?? default,
            ReceivedAt = latest?.ReceivedAt,
            ClosedAt = records.Max(r => r.ClosedAt),
            Senders = words,
            Heard = [.. records.SelectMany(r => r.Heard)],
        };
    }

    private static string LockOf(string system, string key) => $"ticket:{system}\n{key}";

    private void Remember(string source, string eventId)
    {
        Heard.Add(Key(source, eventId));
        if (Heard.Count > Remembered)
        {
            Heard.RemoveAt(0);
        }
    }

    private static string Key(string source, string eventId) => source + "\n" + eventId;
}

/// <summary>The last word of a sender on a ticket.</summary>
/// <param name="At">When it counts as said.</param>
/// <param name="Closed">Whether it is closed.</param>
public sealed record TicketWord(DateTimeOffset At, bool Closed);

/// <summary>A believed source says how a ticket is now.</summary>
public sealed record TicketReported
{
    public required GrantTicket Ticket { get; init; }
    public required bool Closed { get; init; }

    /// <summary>As the sender says: it orders that sender's changes, and no other.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>When it came in; null in what was recorded before that was kept.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>A close that the same sender has taken back since: it ends what was requested before it, and closes nothing else.</summary>
    public bool Superseded { get; init; }
    public required string Source { get; init; }
    public required string EventId { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>A believed source said something about a ticket that does not count.</summary>
public sealed record TicketReportIgnored
{
    public required GrantTicket Ticket { get; init; }
    public required DateTimeOffset ChangedAt { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public required string Source { get; init; }
    public required string EventId { get; init; }

    /// <summary>Why: one of <see cref="TicketOrder"/>'s.</summary>
    public required string Reason { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>A ticket is in a state of which nobody knows what it means: it approves nothing.</summary>
public sealed record TicketStateUnknown(string System, string Key, string State, string Source, DateTimeOffset At);
