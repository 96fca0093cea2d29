using JasperFx.Events.Daemon;
using Marten;

namespace Governance.EventStore.Relay;

/// <summary>The advisory locks by which replicas agree who runs a subscription: one for each, so that two replicas can share them.</summary>
internal static class LeaderLocks
{
    /// <summary>Condition on <c>pg_locks l</c>: the lock is held, in this database, with a key of the daemon's form.</summary>
    public const string AreHeld = """
        l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objsubid = 1
        and l.database = (select oid from pg_database where datname = current_database())
        """;

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
