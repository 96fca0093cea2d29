using Governance.Connectors.Tests.Conformance;
using Governance.Targets;
using Governance.Targets.PostgreSql;
using Governance.Testing;

namespace Governance.Connectors.Tests.Running.PostgreSql;

[TestFixture(Cluster.PostgreSql15)]
[TestFixture(Cluster.PostgreSql16)]
[TestFixture(Cluster.PostgreSql17)]
[TestFixture(Cluster.PostgreSql18)]
public sealed class PostgreSql_Conformance(Cluster cluster) : ConnectorConformance
{
    private TargetDatabase _database = null!;

    // One for all tests, each of which has accounts and privileges of its own: another one each time costs more than the test.
    [OneTimeSetUp]
    public async Task CreateDatabaseAsync()
    {
        await Clusters.RequireAsync(cluster);
        _database = await Clusters.CreateDatabaseAsync(cluster);
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    protected override Task<ConformanceTarget> CreateTargetAsync() =>
        Task.FromResult<ConformanceTarget>(new PostgreSqlTarget(_database.Lend()));
}

[TestFixture(Cluster.PostgreSql15)]
[TestFixture(Cluster.PostgreSql16)]
[TestFixture(Cluster.PostgreSql17)]
[TestFixture(Cluster.PostgreSql18)]
public sealed class PostgreSqlLogin_Conformance(Cluster cluster) : ConnectorConformance
{
    private TargetDatabase _database = null!;

    // One for all tests, each of which has accounts and privileges of its own: another one each time costs more than the test.
    [OneTimeSetUp]
    public async Task CreateDatabaseAsync()
    {
        await Clusters.RequireAsync(cluster);
        _database = await Clusters.CreateDatabaseAsync(cluster);
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    protected override Task<ConformanceTarget> CreateTargetAsync() =>
        Task.FromResult<ConformanceTarget>(new PostgreSqlLoginTarget(_database.Lend()));
}
