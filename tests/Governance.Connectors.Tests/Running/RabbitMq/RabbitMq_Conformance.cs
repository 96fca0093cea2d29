using Governance.Connectors.Tests.Conformance;
using Governance.Targets;
using Governance.Targets.RabbitMq;

namespace Governance.Connectors.Tests.Running.RabbitMq;

public sealed class RabbitMq_Conformance : ConnectorConformance
{
    protected override Task<ConformanceTarget> CreateTargetAsync() => RabbitMqTarget.CreateAsync();
}

public sealed class RabbitMqUser_Conformance : ConnectorConformance
{
    protected override Task<ConformanceTarget> CreateTargetAsync() => RabbitMqUserTarget.CreateAsync();
}
