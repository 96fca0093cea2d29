namespace Governance.Intake.Reading;

/// <summary>What was read: an event, or a refusal with all that is wrong. Source and id are there wherever they could be read.</summary>
internal sealed record ParsedMessage(IncomingMessage? Message, Refusal? Refusal, string? Source, string? Id);

/// <summary>The one reader of messages, for every door.</summary>
internal sealed class MessageParser(TimeProvider clock)
{
    /// <summary>A CloudEvent in structured JSON, of one of the kinds that the door takes.</summary>
    public ParsedMessage ParseEvent(ReadOnlyMemory<byte> body, IReadOnlyList<EventKind> kinds)
    {
        using var document = JsonBody.Read(body, out var unreadable);
        if (document is null)
        {
            return new ParsedMessage(null, Errors.Unreadable(unreadable!), null, null);
        }

        var faults = new FaultList();
        var envelope = EnvelopeReader.Read(document.RootElement, kinds, faults);
        IncomingMessage? message = null;
        if (envelope is { Kind: { } kind, Data: { } data })
        {
            message = kind.Read(data, new Arrival(envelope.Source ?? "", envelope.Id ?? "", envelope.Time, clock.Now()));
        }

        return Result(message, faults, envelope.Source, envelope.Id);
    }

    /// <summary>The data alone; source and id are given by the door.</summary>
    public ParsedMessage ParseData(ReadOnlyMemory<byte> body, EventKind kind, string source, string id)
    {
        using var document = JsonBody.Read(body, out var unreadable);
        if (document is null)
        {
            return new ParsedMessage(null, Errors.Unreadable(unreadable!), source, id);
        }

        var faults = new FaultList();
        var data = new ObjectReader(document.RootElement, "", faults);
        return Result(kind.Read(data, new Arrival(source, id, null, clock.Now())), faults, source, id);
    }

    private static ParsedMessage Result(IncomingMessage? message, FaultList faults, string? source, string? id) =>
        faults.Any || message is null
            ? new ParsedMessage(null, Errors.Invalid(faults.ToList().ToDetails()), source, id)
            : new ParsedMessage(message, null, source, id);
}
