using Governance.Connectors.Tests.Conformance;
using Governance.Targets;
using Governance.Targets.Kubernetes;

namespace Governance.Connectors.Tests.Kubernetes;

public sealed class Kubernetes_Conformance : ConnectorConformance
{
    protected override async Task<ConformanceTarget> CreateTargetAsync() =>
        await KubernetesTarget.CreateAsync(await StandInCluster.StartAsync(), ownsCluster: true);
}

/// <summary>The same against a real cluster, where there is one.</summary>
public sealed class RealKubernetes_Conformance : ConnectorConformance
{
    private KubernetesCluster _cluster = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _cluster = await KubeconfigCluster.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    protected override async Task<ConformanceTarget> CreateTargetAsync() =>
        await KubernetesTarget.CreateAsync(_cluster, ownsCluster: false);
}
