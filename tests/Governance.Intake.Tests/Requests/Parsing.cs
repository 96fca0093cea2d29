using Governance.Intake.Reading;
using Governance.Intake.Requests;
using Governance.Intake.Tickets;

namespace Governance.Intake.Tests.Requests;

/// <summary>As the AMQP door parses: every kind of event.</summary>
internal static class Parsing
{
    public static ParsedMessage ParseEvent(this MessageParser parser, byte[] body) => parser.ParseEvent(body, EventKind.All);

    public static AccessRequest? Request(this ParsedMessage parsed) => (AccessRequest?)parsed.Message;

    public static TicketChange? TicketChange(this ParsedMessage parsed) => (TicketChange?)parsed.Message;
}
