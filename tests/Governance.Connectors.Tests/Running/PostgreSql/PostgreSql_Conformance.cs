using Governance.Connectors.Tests.Conformance;
using Governance.Targets;
using Governance.Targets.PostgreSql;

namespace Governance.Connectors.Tests.Running.PostgreSql;

[TestFixture(Cluster.PostgreSql15)]
[TestFixture(Cluster.PostgreSql16)]
[TestFixture(Cluster.PostgreSql17)]
[TestFixture(Cluster.PostgreSql18)]
[Parallelizable(ParallelScope.Self)]
public sealed class PostgreSql_Conformance(Cluster cluster) : ConnectorConformance
{
    private IDisposable? _turn;

    [OneTimeSetUp]
    public async Task EnterAsync() => _turn = await Clusters.EnterAsync(cluster);

    [OneTimeTearDown]
    public void Leave() => _turn?.Dispose();

    protected override async Task<ConformanceTarget> CreateTargetAsync() =>
        new PostgreSqlTarget(await Clusters.CreateDatabaseAsync(cluster));
}

[TestFixture(Cluster.PostgreSql15)]
[TestFixture(Cluster.PostgreSql16)]
[TestFixture(Cluster.PostgreSql17)]
[TestFixture(Cluster.PostgreSql18)]
[Parallelizable(ParallelScope.Self)]
public sealed class PostgreSqlLogin_Conformance(Cluster cluster) : ConnectorConformance
{
    private IDisposable? _turn;

    [OneTimeSetUp]
    public async Task EnterAsync() => _turn = await Clusters.EnterAsync(cluster);

    [OneTimeTearDown]
    public void Leave() => _turn?.Dispose();

    protected override async Task<ConformanceTarget> CreateTargetAsync() =>
        new PostgreSqlLoginTarget(await Clusters.CreateDatabaseAsync(cluster));
}
