using Governance.Contracts.Policy;
using Marten;
using MassTransit;

namespace Governance.Lifecycle.Installation;

/// <summary>Puts a bundle in force. Old news, repeated or late, changes nothing.</summary>
internal sealed class BundleAnnouncedConsumer(IDocumentStore store, TimeProvider clock, ILogger<BundleAnnouncedConsumer> logger)
    : IConsumer<BundleAnnounced>
{
    public async Task Consume(ConsumeContext<BundleAnnounced> context)
    {
        var said = context.Message;
        await using var session = store.LightweightSession();
        var known = await session.LoadAsync<InForce>(InForce.StreamId, context.CancellationToken);
        if (said.Activation <= (known?.Activation ?? 0))
        {
            return;
        }

        await session.BeginTransactionAsync(context.CancellationToken);
        await InstallationLock.TakeAsync(session, context.CancellationToken, InstallationLock.OfInstallation);
        var stream = await session.Events.FetchForWriting<InForce>(InForce.StreamId, context.CancellationToken);
        if (said.Activation <= (stream.Aggregate?.Activation ?? 0))
        {
            return;
        }

        stream.AppendOne(
            new BundlePutInForce(said.Activation, said.Bundle, said.Schema, said.Engine, said.Policies, said.ActivatedAt, clock.Now())
        );
        await session.SaveChangesAsync(context.CancellationToken);
        Log.BundleInForce(logger, said.Bundle, said.Activation);
    }
}
