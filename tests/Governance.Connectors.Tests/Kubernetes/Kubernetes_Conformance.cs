using Governance.Connectors.Tests.Conformance;

namespace Governance.Connectors.Tests.Kubernetes;

public sealed class Kubernetes_Conformance : ConnectorConformance
{
    protected override async Task<ConformanceTarget> CreateTargetAsync() =>
        await KubernetesTarget.CreateAsync(await StandInCluster.StartAsync(), ownsCluster: true);
}
