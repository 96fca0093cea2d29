using Governance.Connectors.Tests.Conformance;
using Governance.Targets;
using Governance.Targets.Webhook;

namespace Governance.Connectors.Tests.Webhook;

public sealed class Webhook_Conformance : ConnectorConformance
{
    protected override async Task<ConformanceTarget> CreateTargetAsync() => await WebhookTarget.CreateAsync();
}
