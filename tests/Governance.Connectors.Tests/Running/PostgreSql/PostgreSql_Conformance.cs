using Governance.Connectors.Tests.Conformance;
using Governance.Targets;
using Governance.Targets.PostgreSql;

namespace Governance.Connectors.Tests.Running.PostgreSql;

[TestFixture(Cluster.OfTheSuite)]
[TestFixture(Cluster.Newer)]
public sealed class PostgreSql_Conformance(Cluster cluster) : ConnectorConformance
{
    [OneTimeSetUp]
    public void Require() => Clusters.Require(cluster);

    protected override async Task<ConformanceTarget> CreateTargetAsync() =>
        new PostgreSqlTarget(await Clusters.CreateDatabaseAsync(cluster));
}

[TestFixture(Cluster.OfTheSuite)]
[TestFixture(Cluster.Newer)]
public sealed class PostgreSqlLogin_Conformance(Cluster cluster) : ConnectorConformance
{
    [OneTimeSetUp]
    public void Require() => Clusters.Require(cluster);

    protected override async Task<ConformanceTarget> CreateTargetAsync() =>
        new PostgreSqlLoginTarget(await Clusters.CreateDatabaseAsync(cluster));
}
