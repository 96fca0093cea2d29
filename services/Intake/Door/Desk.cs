using System.Diagnostics.Metrics;
using Governance.Intake.Names;
using Governance.Intake.Reading;
using Governance.Intake.Tickets;
using Governance.ServiceDefaults;

namespace Governance.Intake.Door;

/// <summary>Takes or refuses what a door has read. Right when the same message comes twice, at once, or after a crash.</summary>
internal sealed class Desk(NameResolver names, KnownSources sources, MessageRecord record, ILogger<Desk> logger)
{
    private static readonly Counter<long> Messages = Telemetry.Meter.CreateCounter<long>(
        "governance.requests",
        "{request}",
        "Messages at the door by outcome and kind."
    );

    /// <exception cref="Exception">The database or Lifecycle does not answer (<see cref="Outages"/>): nothing was decided, come again.</exception>
    public async Task<Reception> ReceiveAsync(ParsedMessage parsed, Delivery delivery, CancellationToken cancellationToken)
    {
        var reception = parsed.Message is { } message
            ? await TakeAsync(message, delivery, cancellationToken)
            : await record.RefuseAsync(parsed.Refusal!, parsed.Source, parsed.Id, delivery, cancellationToken);
        Report(reception, parsed.Message, delivery.Via);
        return reception;
    }

    /// <summary>Refuses a message that we, not the sender, failed on.</summary>
    public async Task<Reception> GiveUpAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var reception = await record.RefuseAsync(Errors.Unprocessable(), null, null, delivery, cancellationToken);
        Report(reception, null, delivery.Via);
        return reception;
    }

    private async Task<Reception> TakeAsync(IncomingMessage message, Delivery delivery, CancellationToken cancellationToken)
    {
        // Before the names: a repeat is answered also while Lifecycle is away, and after the catalog has changed.
        var proven = delivery.OwnSource ? true : sources.IsProven(message, delivery);
        var identity = proven is { } known ? EventIdentity.Of(message, delivery, known) : null;
        var placement = identity is null ? null : await record.FindAsync(message, identity, cancellationToken);
        if (placement is null or { Repeat: Repeat.None })
        {
            var resolved = await names.ResolveAsync(message, delivery, cancellationToken);
            if (Fault(message, resolved, delivery.DataPath) is { } refusal)
            {
                return await record.RefuseAsync(refusal, message.Source, message.Id, delivery, cancellationToken);
            }

            // What the catalog in force says counts, which may be another than the one that is known here.
            if (identity is null || (!delivery.OwnSource && resolved.Proven != proven))
            {
                identity = EventIdentity.Of(message, delivery, resolved.Proven);
                placement = await record.FindAsync(message, identity, cancellationToken);
            }

            placement = placement is { Repeat: Repeat.None }
                ? await record.ReceiveAsync(message, placement.StreamId, identity, resolved, delivery, cancellationToken)
                : placement!;
        }

        return placement.Repeat == Repeat.Other
            ? await record.RefuseAsync(Errors.IdReused(), message.Source, message.Id, delivery, cancellationToken)
            : new Reception.Taken(placement.StreamId, Duplicate: placement.Repeat == Repeat.Same);
    }

    private static Refusal? Fault(IncomingMessage message, ResolvedNames resolved, string dataPath)
    {
        if (resolved.Unknown(message, dataPath) is { Count: > 0 } unknown)
        {
            return Errors.Unknown(unknown);
        }

        return message.FaultsByIds(resolved.IdOf, dataPath).ToList() is { Count: > 0 } faults ? Errors.Invalid(faults) : null;
    }

    private void Report(Reception reception, IncomingMessage? message, string via)
    {
        var outcome = "received";
        switch (reception)
        {
            case Reception.Taken { Duplicate: true } taken:
                outcome = "duplicate";
                LogDuplicate(message, taken.StreamId, via);
                break;
            case Reception.Taken taken:
                LogReceived(message, taken.StreamId, via);
                break;
            case Reception.Refused refused:
                outcome = refused.Refusal.Code;
                Log.Refused(logger, refused.Refusal.Code, via, refused.RefusalId);
                break;
        }

        Messages.Add(1, new("outcome", outcome), new("via", via), new("kind", message?.Kind ?? "unknown"));
    }

    private void LogReceived(IncomingMessage? message, Guid id, string via)
    {
        if (message is TicketChange change)
        {
            Log.TicketChangeReceived(logger, id, via);
            if (change.LeftOut.Count > 0)
            {
                Log.TicketChangeLeftOut(
                    logger,
                    id,
                    string.Join(", ", change.LeftOut.Select(f => f.Field.Length == 0 ? f.Code : $"{f.Field} ({f.Code})"))
                );
            }
        }
        else
        {
            Log.Received(logger, id, via);
        }
    }

    private void LogDuplicate(IncomingMessage? message, Guid id, string via)
    {
        if (message is TicketChange)
        {
            Log.TicketChangeDuplicate(logger, id, via);
        }
        else
        {
            Log.Duplicate(logger, id, via);
        }
    }
}
