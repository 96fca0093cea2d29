using System.Globalization;
using Governance.Testing;

namespace Governance.Connectors.Tests.Running.PostgreSql;

/// <summary>The versions of PostgreSQL that connectors are tried with. From 16 on, memberships belong to their grantors.</summary>
public enum Cluster
{
    PostgreSql15 = 15,
    PostgreSql16 = 16,
    PostgreSql17 = 17,
    PostgreSql18 = 18,
}

[SetUpFixture]
public sealed class Clusters
{
    private const string Variable = "GOVERNANCE_TESTS_CONNECTORS_POSTGRESQL";
    private static readonly Dictionary<Cluster, Task<PostgresCluster>> _started = [];

    /// <summary>A fixture fails where its version can't be had, and is skipped where somebody left it out.</summary>
    public static async Task RequireAsync(Cluster cluster)
    {
        if (!_started.TryGetValue(cluster, out var started))
        {
            Assert.Ignore($"{Variable} leaves it out.");
        }

        try
        {
            await started;
        }
        catch (ServersUnavailableException e)
        {
            Assert.Fail($"{e.Message} Leave it out, if you have to, with {Variable}, for example {Variable}=15.");
        }
    }

    public static async Task<TargetDatabase> CreateDatabaseAsync(Cluster cluster) =>
#pragma warning disable VSTHRD003 // They were started by the set-up, which has awaited them all.
        await TargetDatabase.CreateAsync(await _started[cluster]);
#pragma warning restore VSTHRD003

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        var wanted = Environment.GetEnvironmentVariable(Variable)?.Split(',', StringSplitOptions.TrimEntries);
        foreach (var cluster in Enum.GetValues<Cluster>())
        {
            var version = ((int)cluster).ToString(CultureInfo.InvariantCulture);
            if (wanted?.Contains(version, StringComparer.Ordinal) ?? true)
            {
                _started.Add(cluster, PostgresCluster.StartAsync(version));
            }
        }

        await Task.WhenAll(_started.Values.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        foreach (var started in _started.Values.Where(s => s.IsCompletedSuccessfully))
        {
            await (await started).DisposeAsync();
        }
    }
}
