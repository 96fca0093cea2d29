using Marten;
using Marten.Services.BatchQuerying;

namespace Governance.Lifecycle.Installation;

/// <summary>Transaction locks of the store's database, by name.</summary>
public static class InstallationLock
{
    /// <summary>Takes locks in the given order and holds them until the session's transaction ends. The transaction must have begun.</summary>
    /// <remarks>Without an open transaction a lock would be free again at the next statement.</remarks>
    public static async Task TakeAsync(IDocumentSession session, CancellationToken cancellationToken, params IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            await using var command = new Npgsql.NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1, 0))");
            command.Parameters.Add(new() { Value = name });
            await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        }
    }

    /// <summary>Takes a lock in a batch, before whatever the batch asks next; awaited when the batch was executed.</summary>
    public static Task TakeAsync(IBatchedQuery batch, string name) =>
        batch.Query<string>("select count(pg_advisory_xact_lock(hashtextextended(?, 0)))::text", name);

    /// <summary>
    /// Holds what is in force as it is until the session's transaction ends: who puts another bundle or catalog in force waits, and what
    /// is loaded from now on is what they left.
    /// </summary>
    public static Task HoldInForceAsync(IDocumentSession session, CancellationToken cancellationToken) =>
        HoldAsync(session, OfInstallation, cancellationToken);

    /// <summary>Keeps whoever takes the lock waiting until the session's transaction ends; any number may hold it at once.</summary>
    public static async Task HoldAsync(IDocumentSession session, string name, CancellationToken cancellationToken)
    {
        await using var command = new Npgsql.NpgsqlCommand("select pg_advisory_xact_lock_shared(hashtextextended($1, 0))");
        command.Parameters.Add(new() { Value = name });
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
    }

    public static string OfPrincipal(string id) => "principal:" + id;

    public static string OfActor(string human) => "actor:" + human;

    public static string OfSweep(Guid id) => "sweep:" + id;

    public static string OfRevocation(Guid id) => "revocation:" + id;

    public const string OfInstallation = "installation";
}
