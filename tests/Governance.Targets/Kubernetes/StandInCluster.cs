using Governance.Targets.Kubernetes.Server;

namespace Governance.Targets.Kubernetes;

/// <summary>The API server that stands in where there is no real one.</summary>
public sealed class StandInCluster : KubernetesCluster
{
    private StandInCluster(KubernetesApiServer server) => Server = server;

    public KubernetesApiServer Server { get; }

    public override Uri Address => Server.Address;

    protected override string Authority => Server.Authority;

    protected override string AdminToken => Server.AdminToken;

    public static async Task<StandInCluster> StartAsync() => new(await KubernetesApiServer.StartAsync());

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Server.DisposeAsync();
    }
}
