using System.Net;
using Governance.Grpc.V1;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;
using Grpc.Core;
using Npgsql;

namespace Governance.Lifecycle.Tests.Api;

/// <summary>It answers as ever, as a standby does, or a server whose disk is full: whatever is asked of it can't be kept.</summary>
public sealed class When_the_database_takes_no_writes
{
    private World _world = null!;

    [SetUp]
    public async Task StartAsync() => _world = await World.CreateAsync();

    [TearDown]
    public async Task StopAsync()
    {
        Environment.ExitCode = 0;
        await _world.DisposeAsync();
    }

    [Test]
    public async Task Should_say_so_and_take_commands_again_when_it_does()
    {
        var actor = TestCatalog.NextActor();
        var grant = await _world.RequestAsync(actor);
        await SetReadOnlyAsync("alter database {0} set default_transaction_read_only = on");

        await Eventually.Until(
            async () => (await _world.Service.HealthAsync()).Report,
            Does.Contain("can't be written"),
            TimeSpan.FromSeconds(60)
        );
        Assert.That(await _world.Service.IsReadyAsync(), Is.False);
        using var answer = await WithdrawAsync(grant, actor);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(answer.Headers.RetryAfter?.Delta, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(
            await answer.Content.ReadAsStringAsync(),
            Does.Contain("urn:governance:problem:unavailable").And.Not.Contain("Npgsql").And.Not.Contain("Exception")
        );
        Assert.That(await _world.StateAsync(grant), Is.EqualTo(GrantState.Evaluating));

        await SetReadOnlyAsync("alter database {0} reset default_transaction_read_only");

        await _world.Service.ReadyAsync();
        using var repeated = await WithdrawAsync(grant, actor);
        Assert.That(repeated.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await _world.StateAsync(grant), Is.EqualTo(GrantState.Withdrawn));
    }

    [Test]
    public async Task Should_say_over_grpc_that_it_is_away()
    {
        var grant = await _world.RequestAsync(TestCatalog.NextActor());
        var client = new Governance.Grpc.V1.Grants.GrantsClient(_world.Service.Grpc);
        var question = new GetGrantRequest { Id = grant.ToString() };
        await LetConnectAsync(false);

        Assert.That(
            async () => await client.GetAsync(question),
            Throws
                .TypeOf<RpcException>()
                .With.Property(nameof(RpcException.StatusCode))
                .EqualTo(StatusCode.Unavailable)
                .And.Message.Contains("Call again")
        );

        await LetConnectAsync(true);
        Assert.That((await client.GetAsync(question)).Id, Is.EqualTo(grant.ToString()));
    }

    private async Task LetConnectAsync(bool may)
    {
        var database = new NpgsqlConnectionStringBuilder(_world.Database) { Pooling = false };
        var name = database.Database!;
        database.Database = "postgres";
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var alter = new NpgsqlCommand($"alter database \"{name}\" allow_connections {may}", connection);
        await alter.ExecuteNonQueryAsync();
        await using var end = new NpgsqlCommand("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", connection);
        end.Parameters.Add(new() { Value = name });
        await end.ExecuteNonQueryAsync();
        _world.Sql.Clear();
    }

    private async Task<HttpResponseMessage> WithdrawAsync(Guid grant, Actor actor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/grants/{grant}/withdraw");
        request.Headers.Add("X-Governance-Actor", actor.HumanName);
        request.Headers.Add("Idempotency-Key", "once");
        return await _world.Service.Http.SendAsync(request);
    }

    // Whoever is connected keeps what was set before.
    private async Task SetReadOnlyAsync(string alter)
    {
        var database = new NpgsqlConnectionStringBuilder(_world.Database).Database!;
        await using var connection = new NpgsqlConnection(_world.Database + ";Pooling=false");
        await connection.OpenAsync();
        foreach (
            var sql in new[]
            {
                "set default_transaction_read_only = off",
                string.Format(System.Globalization.CultureInfo.InvariantCulture, alter, "\"" + database + "\""),
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
            }
        )
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }

        // The test's own connections were ended with the others.
        _world.Sql.Clear();
    }
}
