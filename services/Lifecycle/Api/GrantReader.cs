using System.Globalization;
using System.Text;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.KillSwitch;
using Governance.Lifecycle.Principals;
using Marten;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.Lifecycle.Api;

/// <summary>Reads grants for people and services.</summary>
public sealed class GrantReader(
    IDocumentStore store,
    Catalogs catalogs,
    SelectorResolver selectors,
    AtTheTarget target,
    TimeProvider clock,
    IOptions<LifecycleOptions> options
)
{
    public async Task<GrantView?> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        if (await session.LoadAsync<Grant>(id, cancellationToken) is not { } grant)
        {
            return null;
        }

        var ledger = await session.LoadAsync<PrincipalLedger>(NameBasedUuid.ForPrincipal(grant.Principal), cancellationToken);
        var latest = grant.Failure is null ? null : await session.LoadAsync<LatestFailure>(id, cancellationToken);
        var catalog = await catalogs.InForceAsync(session, cancellationToken);
        var retries = await target.RetriesOfAsync(session, [grant], cancellationToken);
        return GrantView.Of(grant, ledger, catalog, options.Value.RenewalWindow) with
        {
            Failure = LatestFailure.Seen(grant.Failure, latest, clock.Now()),
            Retry = RetryView.Of(retries.GetValueOrDefault(id), catalog),
        };
    }

    /// <summary>Newest first. The cursor names the last grant of the page before, so pages neither repeat nor skip one.</summary>
    public async Task<GrantPage> ListAsync(GrantQuery query, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        var catalog = await catalogs.InForceAsync(session, cancellationToken);
        var principal = query.Principal is null ? null : catalog?.Find(query.Principal)?.Id ?? query.Principal;
        var entitlements = query.Target is { } asked ? await selectors.EntitlementsOfAsync(session, asked, cancellationToken) : null;
        var after = query.After;
        await using var command = new NpgsqlCommand(
            $"""
            select id from {store.Options.Schema.For<Grant>()}
            where ($1::text is null or data ->> 'principal' = $1)
              and ($2::text is null or data ->> 'currentState' = $2)
              and ($3::text is null or (data ->> 'requestedAt', id) < ($3, $4::uuid))
              and ($6::text[] is null or data ->> 'entitlement' = any($6))
            order by data ->> 'requestedAt' desc, id desc limit $5
            """
        );
        command.Parameters.Add(new() { Value = (object?)principal ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)query.State ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(
            new() { Value = after is { } a ? Moments.ToWire(a.RequestedAt) : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text }
        );
        command.Parameters.Add(new() { Value = after is { } b ? b.Id : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = query.Limit + 1 });
        command.Parameters.Add(
            new()
            {
                Value = (object?)entitlements?.ToArray() ?? DBNull.Value,
                NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text,
            }
        );
        var ids = new List<Guid>();
        await using (var reader = await session.ExecuteReaderAsync(command, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(reader.GetGuid(0));
            }
        }

        var grants = (await session.LoadManyAsync<Grant>(cancellationToken, [.. ids.Take(query.Limit)]))
            .OrderByDescending(g => g.RequestedAt)
            .ThenBy(g => ids.IndexOf(g.Id))
            .ToList();
        var ledgers = (
            await session.LoadManyAsync<PrincipalLedger>(
                cancellationToken,
                [.. grants.Select(g => NameBasedUuid.ForPrincipal(g.Principal)).Distinct()]
            )
        ).ToDictionary(l => l.Id);
        var failures = await LatestFailure.OfAsync(session, grants.Where(g => g.Failure is not null).Select(g => g.Id), cancellationToken);
        var retries = await target.RetriesOfAsync(session, grants, cancellationToken);
        var now = clock.Now();
        return new GrantPage(
            [
                .. grants.Select(g =>
                    GrantView.Of(
                        g,
                        ledgers.GetValueOrDefault(NameBasedUuid.ForPrincipal(g.Principal)),
                        catalog,
                        options.Value.RenewalWindow
                    ) with
                    {
                        Failure = LatestFailure.Seen(g.Failure, failures.GetValueOrDefault(g.Id), now),
                        Retry = RetryView.Of(retries.GetValueOrDefault(g.Id), catalog),
                    }
                ),
            ],
            ids.Count > query.Limit && grants.Count > 0 ? new GrantCursor(grants[^1].RequestedAt, grants[^1].Id).ToString() : null
        );
    }
}

public sealed record GrantPage(IReadOnlyList<GrantView> Grants, string? Next);

/// <summary>What to list.</summary>
/// <param name="Principal">Name or id; null for all.</param>
/// <param name="State">State of the machine; null for all.</param>
/// <param name="After">Where the page before ended.</param>
/// <param name="Limit">1 to 200.</param>
public sealed record GrantQuery(string? Principal, string? State, GrantCursor? After, int Limit)
{
    /// <summary>Id of a target; null for all.</summary>
    public string? Target { get; init; }
}

/// <summary>Where a page ended; opaque on the wire.</summary>
public sealed record GrantCursor(DateTimeOffset RequestedAt, Guid Id)
{
    public override string ToString() =>
        Convert
            .ToBase64String(Encoding.ASCII.GetBytes(Moments.ToWire(RequestedAt) + "|" + Id))
            .TrimEnd('=')
            .Replace('+', '-')
            .Replace('/', '_');

    public static GrantCursor? Parse(string text)
    {
        try
        {
            var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
            var parts = Encoding.ASCII.GetString(Convert.FromBase64String(padded)).Split('|');
            return
                parts.Length == 2
                && DateTimeOffset.TryParse(parts[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                && Guid.TryParse(parts[1], out var id)
                ? new GrantCursor(at, id)
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
