using System.Text.Json;
using Marten;
using Npgsql;

namespace Governance.Lifecycle.Turns;

/// <summary>The line as it is stored.</summary>
internal sealed class StoredLine(IDocumentStore store)
{
    private string Turns => store.Options.Schema.For<Turn>();

    /// <summary>All of an actor whom policy was asked about, and the first of those who wait.</summary>
    public async Task<IReadOnlyList<Turn>> ReadAsync(IQuerySession session, string actor, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            (select data::text from {Turns} where data ->> 'actor' = $1 and data ->> 'askedAt' is not null)
            union all
            (select data::text from {Turns} where data ->> 'actor' = $1 and data ->> 'askedAt' is null
             order by data ->> 'requestedAt', id limit {Line.Width})
            """
        );
        command.Parameters.Add(new() { Value = actor });
        var line = new List<Turn>();
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            line.Add(JsonSerializer.Deserialize<Turn>(reader.GetString(0), WireJson.Options)!);
        }

        return line;
    }

    /// <summary>Those whose turn it is, by what is committed.</summary>
    public async Task<IReadOnlyList<Turn>> NextAsync(string actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        return Line.Next(await ReadAsync(session, actor, cancellationToken), now);
    }

    /// <summary>Actors of whom somebody waits.</summary>
    public async Task<IReadOnlyList<string>> WaitingAsync(CancellationToken cancellationToken)
    {
        await using var session = store.QuerySession();
        await using var command = new NpgsqlCommand(
            $"select distinct data ->> 'actor' from {Turns} where data ->> 'askedAt' is null order by 1"
        );
        var actors = new List<string>();
        await using var reader = await session.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            actors.Add(reader.GetString(0));
        }

        return actors;
    }
}
