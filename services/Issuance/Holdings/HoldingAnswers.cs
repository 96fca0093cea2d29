using System.Text.Json;
using Governance.Connectors;
using Governance.Contracts.Issuance;
using Npgsql;

namespace Governance.Issuance.Holdings;

/// <summary>Rows as messages.</summary>
internal static class HoldingAnswers
{
    public static HoldingObserved Observed(
        string principal,
        string entitlement,
        long revision,
        ObservedHolding observed,
        bool preExisting,
        bool overdue,
        DateTimeOffset? firstObservedAt,
        bool reread = false
    ) =>
        new()
        {
            Principal = principal,
            Entitlement = entitlement,
            Revision = revision,
            Direct = observed.Direct,
            Effective = observed.Effective,
            Paths = observed.Paths,
            Narrowed = observed.Narrowed.Count == 0 ? null : observed.Narrowed,
            Until = observed.Until,
            PreExisting = preExisting,
            Overdue = overdue,
            Fenced = observed.Fenced,
            ObservedAt = observed.ObservedAt,
            FirstObservedAt = firstObservedAt,
            Reread = reread,
        };

    public static PendingAnswer Read(NpgsqlDataReader reader)
    {
        var principal = reader.GetString(0);
        var entitlement = reader.GetString(1);
        var observed = reader.GetBoolean(2)
            ? Observed(
                principal,
                entitlement,
                reader.GetInt64(3),
                JsonSerializer.Deserialize<ObservedHolding>(reader.GetString(4), WireJson.Options)!,
                !reader.IsDBNull(5) && reader.GetBoolean(5),
                reader.GetBoolean(6),
                reader.IsDBNull(14) ? null : HoldingStore.Time(reader, 14),
                reader.GetBoolean(15)
            )
            : null;
        var failed = reader.GetBoolean(7) ? Failed(reader, principal, entitlement) : null;
        return new PendingAnswer(observed, failed);
    }

    private static HoldingFailed Failed(NpgsqlDataReader reader, string principal, string entitlement) =>
        new()
        {
            Principal = principal,
            Entitlement = entitlement,
            Revision = reader.GetInt64(8),
            Attempt = reader.GetInt32(9),
            Code = reader.GetString(10),
            Message = reader.GetString(11),
            FailedAt = HoldingStore.Time(reader, 12),
            NextAttemptAt = HoldingStore.Time(reader, 13),
        };
}
