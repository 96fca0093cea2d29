using JasperFx.Events.Daemon;
using Marten;

namespace Governance.EventStore.Relay;

/// <summary>The advisory locks by which replicas agree who runs a subscription: one for each, so that two replicas can share them.</summary>
internal static class LeaderLocks
{
    /// <summary>Ids of the locks by the subscriptions' names.</summary>
    public static IReadOnlyDictionary<string, int> Of(IDocumentStore store)
    {
        var options = ((DocumentStore)store).Options;
        return options
            .Projections.AllShards()
            .ToDictionary(
                s => s.Name.Name,
                s => ProjectionLockIds.Compute(options.DatabaseSchemaName, s.Name, options.Projections.DaemonLockId),
                StringComparer.Ordinal
            );
    }
}
