using Governance.Connectors.Tests.Conformance;
using Governance.Targets;
using Governance.Targets.PostgreSql;

namespace Governance.Connectors.Tests.Running.PostgreSql;

[TestFixture(Cluster.PostgreSql15)]
[TestFixture(Cluster.PostgreSql16)]
[TestFixture(Cluster.PostgreSql17)]
[TestFixture(Cluster.PostgreSql18)]
public sealed class PostgreSql_Conformance(Cluster cluster) : ConnectorConformance
{
    [OneTimeSetUp]
    public Task RequireAsync() => Clusters.RequireAsync(cluster);

    protected override async Task<ConformanceTarget> CreateTargetAsync() =>
        new PostgreSqlTarget(await Clusters.CreateDatabaseAsync(cluster));
}

[TestFixture(Cluster.PostgreSql15)]
[TestFixture(Cluster.PostgreSql16)]
[TestFixture(Cluster.PostgreSql17)]
[TestFixture(Cluster.PostgreSql18)]
public sealed class PostgreSqlLogin_Conformance(Cluster cluster) : ConnectorConformance
{
    [OneTimeSetUp]
    public Task RequireAsync() => Clusters.RequireAsync(cluster);

    protected override async Task<ConformanceTarget> CreateTargetAsync() =>
        new PostgreSqlLoginTarget(await Clusters.CreateDatabaseAsync(cluster));
}
