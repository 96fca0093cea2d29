using Governance.Connectors;
using Polly;

namespace Governance.Issuance.Targets;

internal sealed record Target(TargetOptions Options, IConnector Connector, ResiliencePipeline Pipeline)
{
    public string Id => Options.Id;
}
