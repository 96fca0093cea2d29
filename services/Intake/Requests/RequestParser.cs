using System.Text.Json;

namespace Governance.Intake.Requests;

/// <summary>What was read: a request, or a refusal with all that is wrong. Source and id are there wherever they could be read.</summary>
internal sealed record ParsedRequest(AccessRequest? Request, Refusal? Refusal, string? Source, string? Id);

/// <summary>The one reader of requests, for every door.</summary>
internal sealed class RequestParser(TimeProvider clock)
{
    /// <summary>A CloudEvent in structured JSON.</summary>
    public ParsedRequest ParseEvent(ReadOnlyMemory<byte> body)
    {
        using var document = JsonBody.Read(body, out var refusal);
        if (document is null)
        {
            return new ParsedRequest(null, refusal, null, null);
        }

        var faults = new FaultList();
        var envelope = EnvelopeReader.Read(document.RootElement, faults);
        AccessRequest? request = null;
        if (envelope.Data is { } data)
        {
            request = RequestReader.Read(data, envelope.Source ?? "", envelope.Id ?? "", clock.Now(), faults);
        }

        return Result(request, faults, envelope.Source, envelope.Id);
    }

    /// <summary>The data alone; source and id are given by the door.</summary>
    public ParsedRequest ParseData(ReadOnlyMemory<byte> body, string source, string id)
    {
        using var document = JsonBody.Read(body, out var refusal);
        if (document is null)
        {
            return new ParsedRequest(null, refusal, source, id);
        }

        var faults = new FaultList();
        var request = RequestReader.Read(new ObjectReader(document.RootElement, "", faults), source, id, clock.Now(), faults);
        return Result(request, faults, source, id);
    }

    private static ParsedRequest Result(AccessRequest? request, FaultList faults, string? source, string? id) =>
        faults.Any || request is null
            ? new ParsedRequest(null, Errors.Invalid(faults.ToDetails()), source, id)
            : new ParsedRequest(request, null, source, id);
}
