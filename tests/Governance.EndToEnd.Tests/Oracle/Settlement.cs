using Governance.EndToEnd.Tests.Running;
using Governance.Lifecycle.Grants;
using Governance.Testing;
using Npgsql;

namespace Governance.EndToEnd.Tests.Oracle;

/// <summary>What is still under way. Nothing may be, some time after the last request.</summary>
internal static class Settlement
{
    // Access that is there, or rests, and that will go on doing so for longer than any test waits.
    private const string Lasting = """
        data ->> 'currentState' in ('Active', 'Suspended') and (data ->> 'expiresAt')::timestamptz > now() + interval '10 minutes'
        """;

    /// <summary>Waits until nothing is under way; what still is in the end is wrong.</summary>
    /// <param name="suite">Whose.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="mayLast">Access may be there that lasts; else it is under way for as long as it is there.</param>
    public static async Task<IReadOnlyList<Violation>> AwaitAsync(Suite suite, TimeSpan timeout, bool mayLast = false)
    {
        var until = DateTimeOffset.UtcNow + timeout;
        while (true)
        {
            IReadOnlyList<Violation> open;
            try
            {
                open = await OpenAsync(suite, mayLast);
            }
            catch (Exception e) when (e is NpgsqlException or HttpRequestException)
            {
                open = [new Violation("The servers do not answer: " + e.Message)];
            }

            if (open.Count == 0 || DateTimeOffset.UtcNow > until)
            {
                return open;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }
    }

    private static async Task<IReadOnlyList<Violation>> OpenAsync(Suite suite, bool mayLast)
    {
        var open = new List<Violation>();
        var final = string.Join(", ", GrantState.Final.Select(s => $"'{s}'"));
        var lasting = mayLast ? Lasting : "false";
        var allOver = mayLast ? "false" : "true";
        open.AddRange(
            await ReadAsync(
                suite,
                "lifecycle",
                $"select id, 'is ' || (data ->> 'currentState') from lifecycle.mt_doc_grant where data ->> 'currentState' not in ({final}) and not ({lasting})"
            )
        );
        open.AddRange(
            await ReadAsync(
                suite,
                "lifecycle",
                $$"""
                select d.id, h.key || ': desired ' || (h.value -> 'leases')::text || ', awaited by ' || (h.value -> 'awaiting')::text || ', observed ' || coalesce((h.value -> 'observed')::text, 'never')
                from lifecycle.mt_doc_principalledger d, jsonb_each(d.data -> 'holdings') h
                where ({{allOver}} and h.value -> 'leases' <> '[]') or h.value -> 'awaiting' <> '{}'
                   or (h.value -> 'observed' ->> 'direct')::boolean is distinct from (h.value -> 'leases' <> '[]')
                   or (h.value -> 'observed' ->> 'revision')::bigint > (h.value ->> 'revision')::bigint
                union all
                select d.id, 'claims ' || (d.data -> 'claims')::text from lifecycle.mt_doc_principalledger d where {{allOver}} and d.data -> 'claims' <> '{}'
                """
            )
        );
        open.AddRange(
            await ReadAsync(
                suite,
                "issuance",
                $"""
                select null::uuid, principal || ' ' || entitlement || ': revision ' || revision || ', removing ' || removing || ', observed ' || coalesce(observed_revision::text, 'never')
                from issuance.holdings
                where next_attempt is not null or ({allOver} and not removing) or observed_revision is distinct from revision or answer_due is not null or failure_due is not null
                """
            )
        );
        open.AddRange(
            await ReadAsync(
                suite,
                "expiry",
                $"select grant_id, kind || ' is ' || state from expiry.deadlines where next_firing is not null and ({allOver} or next_firing < now() + interval '10 minutes')"
            )
        );
        open.AddRange((await suite.Target.MembershipsAsync(suite.Catalog.Tag)).Select(m => new Violation("The target still shows " + m)));
        foreach (var schema in new[] { "lifecycle", "intake" })
        {
            open.AddRange(
                await ReadAsync(
                    suite,
                    schema,
                    $"select null::uuid, name || ' has done ' || last_seq_id from {schema}.mt_event_progression where name like '%:All' and last_seq_id < (select max(seq_id) from {schema}.mt_events)"
                )
            );
        }

        var queues = await SuiteServers.Current.Management.ListQueuesAsync(suite.VirtualHost);
        open.AddRange(
            queues
                .Where(q =>
                    q.Type != "stream"
                    && q.Messages > 0
                    && !q.Name.EndsWith("_error", StringComparison.Ordinal)
                    && !q.Name.EndsWith("_skipped", StringComparison.Ordinal)
                    && q.Name is not ("governance.intake.rejected" or "governance.dead-letters")
                )
                .Select(q => new Violation($"{q.Messages} message(s) are in {q.Name}"))
        );
        return open;
    }

    private static async Task<IReadOnlyList<Violation>> ReadAsync(Suite suite, string service, string sql)
    {
        await using var connection = await TargetCluster.OpenAsync(suite.Database(service));
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 10 };
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<Violation>();
        while (await reader.ReadAsync())
        {
            var text = reader.GetString(1);
            found.Add(
                await reader.IsDBNullAsync(0)
                    ? new Violation($"{service}: {text}")
                    : new Violation($"{service}: {reader.GetGuid(0)} {text}", reader.GetGuid(0))
            );
        }

        return found;
    }
}
