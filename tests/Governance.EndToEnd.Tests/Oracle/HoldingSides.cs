using System.Text.Json;
using Governance.EndToEnd.Tests.Running;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Principals;
using Governance.Targets;
using Npgsql;

namespace Governance.EndToEnd.Tests.Oracle;

/// <summary>What Issuance saw last, for the revision that it saw it for.</summary>
internal sealed record IssuanceReport(long Revision, long? ObservedRevision, bool Direct, IReadOnlySet<Guid>? Accounts);

/// <summary>One holding from all sides.</summary>
internal sealed record HoldingSides
{
    public required SuiteTarget Target { get; init; }
    public required LoadPrincipal Principal { get; init; }
    public required LoadEntitlement Entitlement { get; init; }
    public required string Account { get; init; }

    /// <summary>All grants of it, by their events, in the order in which they were asked for.</summary>
    public required IReadOnlyList<Grant> Grants { get; init; }

    /// <summary>The ledger's record; null when nothing was ever desired.</summary>
    public required Holding? Desired { get; init; }

    /// <summary>Null when Issuance was never asked.</summary>
    public required IssuanceReport? Observed { get; init; }

    /// <summary>The target says that it is there, asked directly.</summary>
    public required bool IsThere { get; init; }

    public IReadOnlySet<Guid> Active => Grants.Where(g => g.CurrentState == GrantState.Active).Select(g => g.Id).ToHashSet();

    /// <summary>The grant that was asked for last.</summary>
    public Guid? Latest => Grants is [.., var last] ? last.Id : null;

    public override string ToString() =>
        $"{Principal.Id} {Entitlement.Id} ({Account}): active {Ids(Active)}; desired {(Desired is null ? "never" : $"{Desired.Revision} {Ids(Desired.Leases.Select(l => l.GrantId))}, told {Desired.Observed?.Direct}")}; "
        + $"observed {(Observed is null ? "never" : $"{Observed.ObservedRevision} of {Observed.Revision} {Observed.Direct} {Ids(Observed.Accounts ?? new HashSet<Guid>())}")}; at the target {IsThere}";

    private static string Ids(IEnumerable<Guid> ids) => "[" + string.Join(", ", ids) + "]";
}

/// <summary>Every holding that a principal of the suite can have at the targets beside its cluster, from all sides.</summary>
internal sealed record AllSides(IReadOnlyList<HoldingSides> Holdings, IReadOnlyDictionary<string, IReadOnlyList<HeldAccess>> Shown)
{
    public static async Task<AllSides> ReadAsync(Suite suite, StoredHistory history)
    {
        var grants = history
            .Stories.Values.OrderBy(g => g.Events[0].Sequence)
            .ToLookup(g => (g.Requested.Principal, g.Requested.Entitlement), g => g.Fold());
        var ledgers = history
            .Streams.Where(s => s.First().Data is HoldingClaimed or HoldingDesired)
            .Select(s => GrantStory.FoldLedger(s.Key, s))
            .ToDictionary(l => l.Principal, StringComparer.Ordinal);
        var reports = await ReportsAsync(suite);
        var holdings = new List<HoldingSides>();
        var shown = new Dictionary<string, IReadOnlyList<HeldAccess>>(StringComparer.Ordinal);
        foreach (var target in suite.Catalog.Targets)
        {
            shown[target.Kind] = await target.At.AllAsync();
            foreach (var (i, principal) in suite.Catalog.Principals.Index())
            {
                foreach (var entitlement in target.Entitlements)
                {
                    holdings.Add(
                        new HoldingSides
                        {
                            Target = target,
                            Principal = principal,
                            Entitlement = entitlement,
                            Account = target.Accounts[i],
                            Grants = [.. grants[(principal.Id, entitlement.Id)]],
                            Desired = ledgers.GetValueOrDefault(principal.Id)?.Holdings.GetValueOrDefault(entitlement.Id),
                            Observed = reports.GetValueOrDefault((principal.Id, entitlement.Id)),
                            IsThere = await target.At.HasAsync(target.Accounts[i], entitlement.Privilege),
                        }
                    );
                }
            }
        }

        return new AllSides(holdings, shown);
    }

    private static async Task<Dictionary<(string Principal, string Entitlement), IssuanceReport>> ReportsAsync(Suite suite)
    {
        await using var connection = await TargetCluster.OpenAsync(suite.Database("issuance"));
        await using var command = new NpgsqlCommand(
            "select principal, entitlement, revision, observed_revision, observed::text from issuance.holdings",
            connection
        );
        await using var reader = await command.ExecuteReaderAsync();
        var reports = new Dictionary<(string, string), IssuanceReport>();
        while (await reader.ReadAsync())
        {
            var seen = await reader.IsDBNullAsync(4) ? default : JsonDocument.Parse(reader.GetString(4)).RootElement;
            reports[(reader.GetString(0), reader.GetString(1))] = new IssuanceReport(
                reader.GetInt64(2),
                await reader.IsDBNullAsync(3) ? null : reader.GetInt64(3),
                seen.ValueKind == JsonValueKind.Object && seen.GetProperty("direct").GetBoolean(),
                seen.ValueKind == JsonValueKind.Object
                && seen.TryGetProperty("accounts", out var accounts)
                && accounts.ValueKind == JsonValueKind.Array
                    ? accounts.EnumerateArray().Select(a => a.GetProperty("grant").GetGuid()).ToHashSet()
                    : null
            );
        }

        return reports;
    }
}
