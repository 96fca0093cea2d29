using System.Text.Json.Serialization;
using Governance.Intake.Reading;

namespace Governance.Intake.Tickets;

/// <summary>A ticket is not any more as it was.</summary>
internal sealed record TicketChange : IncomingMessage
{
    [JsonIgnore]
    public override string Kind => "ticket-change";

    [JsonIgnore]
    public override bool OnlyTakesAway => Closed;

    public required TicketClaim Ticket { get; init; }

    public required bool Closed { get; init; }

    /// <summary>As the data has it.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>When it happened, as far as is known: in the data's words, else the envelope's, else when it came. The latter two differ between repeats.</summary>
    [JsonIgnore]
    public DateTimeOffset HappenedAt { get; init; }

    /// <summary>What was wrong with a close, or with its message, beside the ticket that it is about.</summary>
    [JsonIgnore]
    public IReadOnlyList<Fault> LeftOut { get; init; } = [];

    [JsonIgnore]
    public override IEnumerable<string> NamesWelcome => Ticket.Assignee is { } assignee ? [assignee] : [];
}
