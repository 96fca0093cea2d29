using Governance.Testing;

namespace Governance.Connectors.Tests.Running.PostgreSql;

/// <summary>The versions of PostgreSQL that connectors are tried with.</summary>
public enum Cluster
{
    /// <summary>The machine's own, or the image's.</summary>
    OfTheSuite,

    /// <summary>One of a later version, in which memberships belong to their grantors.</summary>
    Newer,
}

[SetUpFixture]
public sealed class Clusters
{
    private static NewerPostgres? _newer;
    private static string? _whyNot;

    /// <summary>Skips a fixture whose cluster can't be had here.</summary>
    public static void Require(Cluster cluster)
    {
        if (cluster is Cluster.Newer && _newer is null)
        {
            Assert.Ignore(_whyNot!);
        }
    }

    public static Task<TargetDatabase> CreateDatabaseAsync(Cluster cluster) =>
        cluster is Cluster.OfTheSuite ? TargetDatabase.CreateAsync() : TargetDatabase.CreateAsync(_newer!);

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        try
        {
            _newer = await NewerPostgres.StartAsync();
        }
        catch (ServersUnavailableException e)
        {
            _whyNot = e.Message;
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_newer is not null)
        {
            await _newer.DisposeAsync();
        }
    }
}
