using Governance.ServiceDefaults;
using Npgsql;

namespace Governance.Issuance.Tests;

/// <summary>A value that PostgreSQL refuses harms nobody who uses the connection next.</summary>
public sealed class When_the_database_refuses_a_value : IssuanceFixture
{
    private const string Statement = "select $1::text";

    // The statement is prepared by its third use.
    [Test]
    public async Task Should_answer_the_next_one_on_the_same_connection([Values(0, 1, 2, 3)] int usesBefore, [Values] bool inTheMiddle)
    {
        var settings = new NpgsqlConnectionStringBuilder(DatabaseConnections.Harden(Database, "test")) { MaxPoolSize = 1 };
        await using var source = NpgsqlDataSource.Create(settings.ConnectionString);
        var process = await ProcessAsync(source);
        for (var i = 0; i < usesBefore; i++)
        {
            Assert.That(await AskAsync(source, "fine", inTheMiddle), Is.EqualTo("fine"));
        }

        Assert.That(
            () => AskAsync(source, "a\0b", inTheMiddle),
            Throws.TypeOf<PostgresException>().With.Property(nameof(PostgresException.SqlState)).EqualTo("22021")
        );

        for (var i = 0; i < 5; i++)
        {
            Assert.That(await AskAsync(source, "innocent", inTheMiddle), Is.EqualTo("innocent"));
        }

        Assert.That(await ProcessAsync(source), Is.EqualTo(process), "the connection is a good one");
    }

    [Test]
    public void Should_prepare_statements_as_long_as_that_is_safe() =>
        Assert.That(new NpgsqlConnectionStringBuilder(DatabaseConnections.Harden(Database, "test")).MaxAutoPrepare, Is.EqualTo(100));

    private static async Task<string> AskAsync(NpgsqlDataSource source, string value, bool inTheMiddle)
    {
        await using var batch = source.CreateBatch();
        if (inTheMiddle)
        {
            batch.BatchCommands.Add(new("select 1 where false"));
        }

        batch.BatchCommands.Add(new(Statement) { Parameters = { new() { Value = value } } });
        if (inTheMiddle)
        {
            batch.BatchCommands.Add(new("select $1::int") { Parameters = { new() { Value = 1 } } });
        }

        await using var reader = await batch.ExecuteReaderAsync();
        if (inTheMiddle)
        {
            await reader.NextResultAsync();
        }

        await reader.ReadAsync();
        return reader.GetString(0);
    }

    private static async Task<int> ProcessAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("select pg_backend_pid()");
        return (int)(await command.ExecuteScalarAsync())!;
    }
}
