using System.Text.Json;
using Governance.Connectors;
using Governance.Reading;
using Governance.ServiceDefaults.Http;
using Npgsql;

namespace Governance.Issuance.Holdings;

/// <summary>The operator's view; read-only.</summary>
internal static class HoldingsEndpoint
{
    private const int MaxPage = 500;

    private static readonly string[] States = ["failing", "pending", "settled"];

    public static void MapHoldings(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/holdings", ListAsync).WithQuery("target", "state", "afterPrincipal", "afterEntitlement", "limit");

    private static async Task<IResult> ListAsync(NpgsqlDataSource database, HttpContext http, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http.Request.Query);
        var (target, state) = (query.Text("target"), query.Text("state"));
        var (afterPrincipal, afterEntitlement) = (query.Text("afterPrincipal"), query.Text("afterEntitlement"));
        var limit = (int)query.Number("limit", 100, 1, MaxPage);
        if (query.Problem is { } problem)
        {
            return problem;
        }

        if (state is not null && !States.Contains(state, StringComparer.Ordinal))
        {
            return ProblemResults.Of([new Fault("state", "not-a-choice", $"must be one of: {string.Join(", ", States)}.")]);
        }

        await using var command = database.CreateCommand(HoldingSql.List);
        foreach (var value in new object?[] { target, state, afterPrincipal ?? "", afterEntitlement ?? "" })
        {
            command.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        }

        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var holdings = new List<HoldingView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            holdings.Add(Read(reader));
        }

        return Results.Ok(new { holdings });
    }

    private static HoldingView Read(NpgsqlDataReader reader)
    {
        var wanted = !string.Equals(reader.GetString(6), "[]", StringComparison.Ordinal);
        return new HoldingView
        {
            Principal = reader.GetString(0),
            Entitlement = reader.GetString(1),
            Target = reader.GetString(2),
            Account = reader.GetString(3),
            Privilege = reader.GetString(4),
            Revision = reader.GetInt64(5),
            Desired = wanted ? "present" : "absent",
            ObservedRevision = reader.IsDBNull(7) ? null : reader.GetInt64(7),
            Observed = reader.IsDBNull(8) ? null : JsonSerializer.Deserialize<ObservedHolding>(reader.GetString(8), WireJson.Options),
            FailedAttempts = reader.GetInt32(9),
            LastError = reader.IsDBNull(10) ? null : new(reader.GetString(10), reader.GetString(11), HoldingStore.Time(reader, 12)),
            NextAttempt = reader.IsDBNull(13) ? null : HoldingStore.Time(reader, 13),
            Attempting = !reader.IsDBNull(14) && reader.GetBoolean(14),
        };
    }
}
