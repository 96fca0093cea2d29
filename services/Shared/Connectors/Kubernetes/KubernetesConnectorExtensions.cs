using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.Kubernetes;

/// <summary>Registers the kind <c>kubernetes</c>.</summary>
public static class KubernetesConnectorExtensions
{
    /// <summary>Adds Kubernetes targets.</summary>
    public static IServiceCollection AddKubernetesConnector(this IServiceCollection services) =>
        services.AddConnector(
            KubernetesConnector.KindName,
            (provider, settings) =>
                new KubernetesConnector(
                    settings,
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<KubernetesConnector>>()
                ),
            KubernetesSettings.Validate
        );
}
