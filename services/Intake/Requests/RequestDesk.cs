using System.Diagnostics.Metrics;
using Governance.Intake.Names;
using Governance.ServiceDefaults;

namespace Governance.Intake.Requests;

/// <summary>Takes or refuses what a door has read. Right when the same message comes twice, at once, or after a crash.</summary>
internal sealed class RequestDesk(NameResolver names, RequestRecord record, ILogger<RequestDesk> logger)
{
    private static readonly Counter<long> Requests = Telemetry.Meter.CreateCounter<long>(
        "governance.requests",
        "{request}",
        "Messages at the door by outcome."
    );

    /// <exception cref="Exception">The database or Lifecycle does not answer (<see cref="Outages"/>): nothing was decided, come again.</exception>
    public async Task<Reception> ReceiveAsync(ParsedRequest parsed, Delivery delivery, CancellationToken cancellationToken)
    {
        var reception = parsed.Request is { } request
            ? await TakeAsync(request, delivery, cancellationToken)
            : await record.RefuseAsync(parsed.Refusal!, parsed.Source, parsed.Id, delivery, cancellationToken);
        Report(reception, delivery.Via);
        return reception;
    }

    /// <summary>Refuses a message that we, not the sender, failed on.</summary>
    public async Task<Reception> GiveUpAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var reception = await record.RefuseAsync(Errors.Unprocessable(), null, null, delivery, cancellationToken);
        Report(reception, delivery.Via);
        return reception;
    }

    private async Task<Reception> TakeAsync(AccessRequest request, Delivery delivery, CancellationToken cancellationToken)
    {
        // Before the names: a repeat is answered also while Lifecycle is away, and after the catalog has changed.
        var known = await record.FindAsync(request, cancellationToken);
        if (known == Repeat.None)
        {
            var resolved = await names.ResolveAsync(request, delivery.VerifiedUser, cancellationToken);
            if (resolved.Unknown(request, delivery.DataPath) is { Count: > 0 } unknown)
            {
                return await record.RefuseAsync(Errors.Unknown(unknown), request.Source, request.Id, delivery, cancellationToken);
            }

            known = await record.ReceiveAsync(request, resolved, delivery, cancellationToken);
        }

        return known == Repeat.Other
            ? await record.RefuseAsync(Errors.IdReused(), request.Source, request.Id, delivery, cancellationToken)
            : new Reception.Taken(request.GrantId, Duplicate: known == Repeat.Same);
    }

    private void Report(Reception reception, string via)
    {
        var outcome = "received";
        switch (reception)
        {
            case Reception.Taken { Duplicate: true } taken:
                outcome = "duplicate";
                Log.Duplicate(logger, taken.GrantId, via);
                break;
            case Reception.Taken taken:
                Log.Received(logger, taken.GrantId, via);
                break;
            case Reception.Refused refused:
                outcome = refused.Refusal.Code;
                Log.Refused(logger, refused.Refusal.Code, via, refused.RefusalId);
                break;
        }

        Requests.Add(1, new KeyValuePair<string, object?>("outcome", outcome), new KeyValuePair<string, object?>("via", via));
    }
}
