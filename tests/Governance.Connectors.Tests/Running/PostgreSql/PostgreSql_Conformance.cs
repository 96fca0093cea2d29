using Governance.Connectors.Tests.Conformance;

namespace Governance.Connectors.Tests.Running.PostgreSql;

public sealed class PostgreSql_Conformance : ConnectorConformance
{
    protected override Task<ConformanceTarget> CreateTargetAsync() => PostgreSqlTarget.CreateAsync();
}
