using System.Collections.Concurrent;
using Governance.Cedar;
using Governance.Cedar.Bundles;
using Npgsql;

namespace Governance.Policy.Bundles;

/// <summary>Bundles by digest. A bundle is stored before it may decide, and kept for ever, so that any decision can be made again.</summary>
internal sealed class BundleStore(NpgsqlDataSource database, CedarEngine engine)
{
    // Any number, as long as every replica takes the same.
    private const long MigrationLock = 0x676f76706f6c;

    private readonly ConcurrentDictionary<string, PolicyBundle> _loaded = new(StringComparer.Ordinal);

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            $"""
            select pg_advisory_xact_lock({MigrationLock});
            create schema if not exists policy;
            create table if not exists policy.bundles (
                digest text primary key,
                schema_digest text not null,
                content text not null,
                stored_at timestamptz not null);
            create table if not exists policy.activations (
                number bigint primary key,
                digest text not null references policy.bundles,
                activated_at timestamptz not null);
            """,
            connection,
            transaction
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Stores the bundle and makes it the one that is to be in force, unless it is already.</summary>
    public async Task<Activation> ActivateAsync(PolicyBundle bundle, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            lock table policy.activations in exclusive mode;
            insert into policy.bundles (digest, schema_digest, content, stored_at) values (@digest, @schema, @content, @now) on conflict (digest) do nothing;
            insert into policy.activations (number, digest, activated_at)
            select coalesce(max(number), 0) + 1, @digest, @now from policy.activations
            having coalesce((select a.digest from policy.activations a order by a.number desc limit 1), '') <> @digest;
            """,
            connection,
            transaction
        );
        command.Parameters.AddWithValue("digest", bundle.Digest);
        command.Parameters.AddWithValue("schema", bundle.SchemaDigest);
        command.Parameters.AddWithValue("content", bundle.CanonicalJson);
        command.Parameters.AddWithValue("now", now);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        _loaded[bundle.Digest] = bundle;
        return await LatestAsync(cancellationToken) ?? throw new InvalidOperationException("An activation was just written.");
    }

    /// <summary>What is to be in force; null before the first activation.</summary>
    public async Task<Activation?> LatestAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "select number, digest, activated_at from policy.activations order by number desc limit 1"
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Activation(
                reader.GetInt64(0),
                reader.GetString(1),
                Moments.Truncate(await reader.GetFieldValueAsync<DateTimeOffset>(2, cancellationToken))
            )
            : null;
    }

    /// <summary>What is stored, to the letter; null when nothing is.</summary>
    public async Task<string?> ContentAsync(string digest, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select content from policy.bundles where digest = $1");
        command.Parameters.Add(new() { Value = digest });
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Every bundle that is stored, the first one first.</summary>
    public async Task<IReadOnlyList<StoredBundle>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select b.digest, b.schema_digest, b.stored_at,
                array_agg(a.number order by a.number), array_agg(a.activated_at order by a.number)
            from policy.bundles b join policy.activations a on a.digest = b.digest
            group by b.digest order by min(a.number)
            """
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var bundles = new List<StoredBundle>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var numbers = await reader.GetFieldValueAsync<long[]>(3, cancellationToken);
            var times = await reader.GetFieldValueAsync<DateTimeOffset[]>(4, cancellationToken);
            bundles.Add(
                new StoredBundle(
                    reader.GetString(0),
                    reader.GetString(1),
                    Moments.Truncate(await reader.GetFieldValueAsync<DateTimeOffset>(2, cancellationToken)),
                    [.. numbers.Zip(times, (number, at) => new BundleActivation(number, Moments.Truncate(at)))]
                )
            );
        }

        return bundles;
    }

    /// <exception cref="BundleException">It is not stored, or what is stored is not what the digest names.</exception>
    public async ValueTask<PolicyBundle> GetAsync(string digest, CancellationToken cancellationToken)
    {
        if (_loaded.TryGetValue(digest, out var known))
        {
            return known;
        }

        var content =
            await ContentAsync(digest, cancellationToken) ?? throw new BundleException($"The bundle {digest} is not stored here.");
        var result = PolicyBundle.FromCanonicalJson(engine, content);
        return result.Bundle is { } bundle && bundle.Digest == digest
            ? _loaded.GetOrAdd(digest, bundle)
            : throw new BundleException($"What is stored as {digest} is not that bundle: {string.Join("; ", result.Faults)}");
    }
}

/// <summary>A bundle that is to be in force.</summary>
internal sealed record Activation(long Number, string Digest, DateTimeOffset At);

/// <summary>A bundle can't be had.</summary>
internal sealed class BundleException(string message) : Exception(message);
