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

    // One that was refused before, in a batch that fails before its turn.
    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_prepare_whatever_comes_after_a_batch_that_failed(bool changed)
    {
        var settings = new NpgsqlConnectionStringBuilder(DatabaseConnections.Harden(Database, "test")) { MaxPoolSize = 1 };
        await using var source = NpgsqlDataSource.Create(settings.ConnectionString);
        var process = await ProcessAsync(source);
        await RunAsync(source, "create temporary table refusing (n int primary key)");
        string[] inserts = ["insert into refusing values ($1)", "insert into refusing select $1", "insert into refusing values ($1 + 0)"];
        var next = 0;
        foreach (var insert in inserts)
        {
            for (var i = 0; i < 4; i++)
            {
                await RunAsync(source, insert, ++next);
            }
        }

        foreach (var insert in inserts)
        {
            AssertRefused(() => RunAsync(source, insert, 1));
        }

        if (changed)
        {
            string[] reads = ["select * from refusing where n = $1", "select r.* from refusing r where n = $1"];
            foreach (var read in reads)
            {
                for (var i = 0; i < 4; i++)
                {
                    await RunAsync(source, read, 1);
                }
            }

            await RunAsync(source, "alter table refusing add column more int");
            foreach (var read in reads)
            {
                Assert.That(
                    () => RunAsync(source, read, 1),
                    Throws.TypeOf<PostgresException>().With.Property(nameof(PostgresException.SqlState)).EqualTo("0A000")
                );
            }

            inserts = [inserts[0], reads[1], reads[0]];
        }

        AssertRefused(async () =>
        {
            await using var batch = source.CreateBatch();
            batch.BatchCommands.Add(new(inserts[0]) { Parameters = { new() { Value = 1 } } });
            batch.BatchCommands.Add(new(inserts[2]) { Parameters = { new() { Value = ++next } } });
            await batch.ExecuteNonQueryAsync();
        });

        for (var i = 0; i < 20; i++)
        {
            var other = FormattableString.Invariant($"select {i} + $1");
            for (var j = 0; j < 4; j++)
            {
                await RunAsync(source, other, j);
                await RunAsync(source, inserts[j % 3], ++next);
            }
        }

        Assert.That(await ProcessAsync(source), Is.EqualTo(process), "the connection is a good one");

        static void AssertRefused(Func<Task> act) =>
            Assert.That(
                act,
                Throws
                    .TypeOf<PostgresException>()
                    .With.Property(nameof(PostgresException.SqlState))
                    .EqualTo(PostgresErrorCodes.UniqueViolation)
            );
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

    private static async Task RunAsync(NpgsqlDataSource source, string sql, params int[] values)
    {
        await using var command = source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = value });
        }

        await command.ExecuteNonQueryAsync();
    }

    private static async Task<int> ProcessAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("select pg_backend_pid()");
        return (int)(await command.ExecuteScalarAsync())!;
    }
}
