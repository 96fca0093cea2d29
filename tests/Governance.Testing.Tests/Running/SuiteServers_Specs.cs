using Npgsql;
using NUnit.Framework;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Governance.Testing.Tests.Running;

[NonParallelizable]
public class When_the_suite_servers_run
{
    private static readonly TimeSpan Restart = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Should_give_databases_of_their_own_to_a_role_without_further_rights()
    {
        var first = await SuiteServers.Current.CreateDatabaseAsync("first");
        var second = await SuiteServers.Current.CreateDatabaseAsync("second");

        await ExecuteAsync(first, "CREATE TABLE t (id int)");

        Assert.That(await ReadAsync<bool>(second, "SELECT to_regclass('t') IS NULL"), Is.True);
        Assert.That(await ReadAsync<bool>(first, "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"), Is.False);
    }

    [Test]
    public async Task Should_refuse_a_connection_without_the_password()
    {
        var builder = new NpgsqlConnectionStringBuilder(SuiteServers.Current.PostgresConnectionString)
        {
            Password = "wrong",
            Pooling = false,
        };

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => ReadAsync<int>(builder.ConnectionString, "SELECT 1"));

        Assert.That(refusal!.SqlState, Is.EqualTo(PostgresErrorCodes.InvalidPassword));
        Assert.That(await ReadAsync<string>(SuiteServers.Current.PostgresConnectionString, "SHOW fsync"), Is.EqualTo("on"));
    }

    [Test]
    public async Task Should_say_in_one_line_that_a_version_is_not_to_be_had()
    {
        var refusal = await Assert.ThrowsAsync<ServersUnavailableException>(() => PostgresCluster.StartAsync("9"));

        Assert.That(refusal!.Message, Does.Contain("PostgreSQL 9 is unknown here; known: ").And.Not.Contain("\n"));
    }

    [Test]
    public async Task Should_keep_committed_rows_when_a_cluster_is_killed()
    {
        var database = await SuiteServers.Current.CreateTargetDatabaseAsync("killed");
        await ExecuteAsync(database, "CREATE TABLE t AS SELECT 7 AS id");

        await SuiteServers.Current.KillAsync(SuiteServer.TargetPostgres);
        await Assert.ThatAsync(() => ReadAsync<int>(database, "SELECT id FROM t"), Throws.InstanceOf<NpgsqlException>());
        await SuiteServers.Current.StartAsync(SuiteServer.TargetPostgres);

        Assert.That(await Eventually.Until(() => ReadAsync<int>(database, "SELECT id FROM t"), Is.EqualTo(7), Restart), Is.EqualTo(7));
    }

    [Test]
    public async Task Should_cut_the_connections_to_a_database()
    {
        var database = await SuiteServers.Current.CreateDatabaseAsync("cut");
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();

        Assert.That(await SuiteServers.Current.CutConnectionsAsync(database), Is.EqualTo(1));

        await using var command = new NpgsqlCommand("SELECT 1", connection);
        await Assert.ThatAsync(() => command.ExecuteScalarAsync(), Throws.InstanceOf<NpgsqlException>());
    }

    [Test]
    public async Task Should_count_what_a_queue_holds_also_after_the_broker_was_killed()
    {
        var url = await SuiteServers.Current.CreateVirtualHostAsync("counted");
        var virtualHost = VirtualHostOf(url);
        await OnChannelAsync(
            url,
            channel =>
                channel.QueueDeclareAsync(
                    "q",
                    durable: true,
                    exclusive: false,
                    autoDelete: false,
                    new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum" }
                )
        );
        await SuiteServers.Current.StopAsync(SuiteServer.RabbitMq);
        await SuiteServers.Current.StartAsync(SuiteServer.RabbitMq);
        await OnChannelAsync(
            url,
            channel =>
                channel.BasicPublishAsync("", "q", mandatory: true, new BasicProperties { Persistent = true }, "one"u8.ToArray()).AsTask()
        );

        await SuiteServers.Current.KillAsync(SuiteServer.RabbitMq);
        await SuiteServers.Current.StartAsync(SuiteServer.RabbitMq);

        var queue = await Eventually.Until(
            () => SuiteServers.Current.Management.FindQueueAsync(virtualHost, "q"),
            queue => queue is { Messages: 1 },
            Restart
        );
        Assert.That(queue!.Type, Is.EqualTo("quorum"));
        Assert.That(await SuiteServers.Current.Management.FindQueueAsync(virtualHost, "none"), Is.Null);
    }

    [Test]
    public async Task Should_close_the_connections_to_a_virtual_host_and_to_no_other()
    {
        var closed = await SuiteServers.Current.CreateVirtualHostAsync("closed");
        var kept = await SuiteServers.Current.CreateVirtualHostAsync("kept");
        await using var first = await ConnectAsync(closed);
        await using var second = await ConnectAsync(kept);

        await Eventually.Until(() => SuiteServers.Current.Management.CloseConnectionsAsync(VirtualHostOf(closed)), Is.EqualTo(1));

        await Eventually.Until(() => Task.FromResult(first.IsOpen), Is.False);
        Assert.That(second.IsOpen, Is.True);
    }

    [Test]
    public async Task Should_hold_a_user_to_the_rights_it_was_given()
    {
        var url = new Uri(await SuiteServers.Current.CreateVirtualHostAsync("rights"));
        var virtualHost = VirtualHostOf(url.AbsoluteUri);
        var management = SuiteServers.Current.Management;
        await management.CreateUserAsync("writer", "secret");
        await management.GrantAsync(virtualHost, "writer", configure: "^$", write: "^requests$", read: "^$");
        var factory = new ConnectionFactory
        {
            Uri = url,
            UserName = "writer",
            Password = "secret",
        };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();

        var refusal = await Assert.ThrowsAsync<OperationInterruptedException>(() => channel.QueueDeclareAsync("q"));

        Assert.That(refusal!.ShutdownReason!.ReplyCode, Is.EqualTo(403));
    }

    private static async Task OnChannelAsync(string url, Func<IChannel, Task> act)
    {
        var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        await using var connection = await ConnectAsync(url);
        await using var channel = await connection.CreateChannelAsync(confirms);
        await act(channel);
    }

    private static Task<IConnection> ConnectAsync(string url) =>
        new ConnectionFactory { Uri = new Uri(url), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    private static string VirtualHostOf(string url) => Uri.UnescapeDataString(new Uri(url).AbsolutePath[1..]);

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<T> ReadAsync<T>(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
