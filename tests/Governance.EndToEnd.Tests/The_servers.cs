using Governance.Testing;
using Npgsql;

namespace Governance.EndToEnd.Tests;

/// <summary>A run on other versions than production's proves less than it says.</summary>
public sealed class The_servers
{
    private static readonly ServerVersions _versions = ServerVersions.Newest.UnlessAsked();

    [Test]
    public async Task Should_be_a_broker_of_the_version_that_production_runs()
    {
        var version = await SuiteServers.Current.Management.ReadVersionAsync();

        if (_versions.RabbitMq is null)
        {
            Assert.Ignore($"The machine's own was asked for, which is {version}.");
        }

        Assert.That(version, Does.StartWith(_versions.RabbitMq + "."));
    }

    [Test]
    public async Task Should_be_databases_of_the_version_that_production_runs()
    {
        var versions = new[]
        {
            await ReadVersionAsync(SuiteServers.Current.PostgresConnectionString),
            await ReadVersionAsync(SuiteServers.Current.TargetConnectionString),
        };

        if (_versions.PostgreSql is null)
        {
            Assert.Ignore($"The machine's own was asked for, which is {versions[0]}.");
        }

        Assert.That(versions, Is.All.StartsWith(_versions.PostgreSql + "."));
    }

    private static async Task<string> ReadVersionAsync(string cluster)
    {
        await using var source = NpgsqlDataSource.Create(cluster);
        await using var command = source.CreateCommand("show server_version");
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
