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

    private static readonly Dictionary<Cluster, SemaphoreSlim> _turns = Enum.GetValues<Cluster>()
        .ToDictionary(c => c, _ => new SemaphoreSlim(1));

    /// <summary>
    /// Waits until the cluster is this fixture's alone: fixtures of other versions run beside it. It fails where its version can't be had, and
    /// is skipped where somebody left it out.
    /// </summary>
    /// <returns>The turn, to be disposed of when the fixture is done.</returns>
    public static async Task<IDisposable> EnterAsync(Cluster cluster)
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

        await _turns[cluster].WaitAsync();
        return new Turn(_turns[cluster]);
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

    private sealed class Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
