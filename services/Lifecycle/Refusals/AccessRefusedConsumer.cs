using Governance.Contracts;
using Governance.Contracts.Intake;
using Governance.ServiceDefaults;
using JasperFx.Events;
using Marten;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Refusals;

/// <summary>A message was refused at the door. One stream each, since the decision stream has one source.</summary>
public sealed record RefusalRecorded
{
    public required Guid RefusalId { get; init; }
    public string? Source { get; init; }
    public string? RequestId { get; init; }
    public required string Code { get; init; }
    public required IReadOnlyList<RefusalDetail> Details { get; init; }
    public required string BodyDigest { get; init; }
    public required string Via { get; init; }
    public required ActorRef Actor { get; init; }
    public required DateTimeOffset RefusedAt { get; init; }
}

internal sealed class AccessRefusedConsumer(IDocumentStore store, TimeProvider clock, IOptions<GovernanceOptions> governance)
    : IConsumer<AccessRefused>
{
    public async Task Consume(ConsumeContext<AccessRefused> context)
    {
        var m = context.Message;
        await using var session = store.LightweightSession();
        session.CausationId = context.MessageId?.ToString();
        session.LastModifiedBy = m.Actor.Id;
        session.SetHeader("actor", System.Text.Json.JsonSerializer.Serialize(m.Actor, WireJson.Options));
        session.SetHeader("tenant", governance.Value.Tenant);
        EventStore.Relay.EventTraces.Stamp(session);
        if (await session.Events.FetchStreamStateAsync(m.RefusalId, context.CancellationToken) is not null)
        {
            return;
        }

        session.Events.StartStream(
            m.RefusalId,
            new RefusalRecorded
            {
                RefusalId = m.RefusalId,
                Source = m.Source,
                RequestId = m.RequestId,
                Code = m.Code,
                Details = m.Details,
                BodyDigest = m.BodyDigest,
                Via = m.Via,
                Actor = m.Actor,
                RefusedAt = new AnswerWindow(null, clock.Now()).Presence(m.RefusedAt),
            }
        );
        try
        {
            await session.SaveChangesAsync(context.CancellationToken);
        }
        catch (ExistingStreamIdCollisionException)
        {
            // The same refusal, delivered twice at once: it is recorded.
        }
    }
}
