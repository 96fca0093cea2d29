using System.Text.Json;
using System.Text.Json.Nodes;

namespace Governance.Intake.Reading;

/// <summary>What was read: an event, or a refusal with all that is wrong. Source and id are there wherever they could be read.</summary>
internal sealed record ParsedMessage(IncomingMessage? Message, Refusal? Refusal, string? Source, string? Id);

/// <summary>The one reader of messages, for every door.</summary>
internal sealed class MessageParser(TimeProvider clock)
{
    /// <summary>A CloudEvent in structured JSON, of one of the kinds that the door takes.</summary>
    public ParsedMessage ParseEvent(ReadOnlyMemory<byte> body, IReadOnlyList<EventKind> kinds) =>
        ParseEvent(body, null, kinds, new FaultList());

    /// <summary>
    /// A message in a form that is not taken. It is refused for that, unless it can be read all the same, as structured JSON or in binary mode,
    /// and only takes access away.
    /// </summary>
    /// <param name="body">The message's body.</param>
    /// <param name="attributes">The event's attributes by their names, where they are apart from the body (binary mode).</param>
    /// <param name="kinds">The kinds that the door takes.</param>
    /// <param name="form">Why the form is not taken.</param>
    public ParsedMessage ParseOtherForm(ReadOnlyMemory<byte> body, JsonObject? attributes, IReadOnlyList<EventKind> kinds, Refusal form)
    {
        var structured = ParseEvent(body, null, kinds, FaultsOf(form));
        if (structured.Message is { OnlyTakesAway: true })
        {
            return structured;
        }

        return attributes is not null && ParseEvent(body, attributes, kinds, FaultsOf(form)) is { Message.OnlyTakesAway: true } binary
            ? binary
            : new ParsedMessage(null, form, structured.Source, structured.Id);
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
        return Result(kind.Read(data, new Arrival(source, id, null, clock.Now(), new FaultList())), faults, source, id);
    }

    private ParsedMessage ParseEvent(ReadOnlyMemory<byte> body, JsonObject? attributes, IReadOnlyList<EventKind> kinds, FaultList leftOut)
    {
        using var document = JsonBody.Read(body, out var unreadable);
        if (document is null)
        {
            return new ParsedMessage(null, Errors.Unreadable(unreadable!), null, null);
        }

        var faults = new FaultList();
        var envelope = attributes is null
            ? EnvelopeReader.Read(document.RootElement, null, kinds, faults, leftOut)
            : EnvelopeReader.Read(JsonSerializer.SerializeToElement(attributes), document.RootElement, kinds, faults, leftOut);
        IncomingMessage? message = null;
        if (envelope is { Kind: { } kind, Data: { } data })
        {
            message = kind.Read(data, new Arrival(envelope.Source ?? "", envelope.Id ?? "", envelope.Time, clock.Now(), leftOut));
        }

        return Result(message, faults, envelope.Source, envelope.Id);
    }

    private static FaultList FaultsOf(Refusal form)
    {
        var faults = new FaultList();
        foreach (var detail in form.Details)
        {
            faults.Add(detail.Field, detail.Code, detail.Message);
        }

        return faults;
    }

    private static ParsedMessage Result(IncomingMessage? message, FaultList faults, string? source, string? id) =>
        faults.Any || message is null
            ? new ParsedMessage(null, Errors.Invalid(faults.ToList().ToDetails()), source, id)
            : new ParsedMessage(message, null, source, id);
}
