using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.Scim;

/// <summary>Registers the kind <c>scim</c>.</summary>
public static class ScimConnectorExtensions
{
    /// <summary>Adds SCIM 2.0 service providers.</summary>
    public static IServiceCollection AddScimConnector(this IServiceCollection services) =>
        services.AddConnector(
            ScimConnector.KindName,
            (provider, settings) =>
                new ScimConnector(
                    settings,
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<ScimConnector>>()
                ),
            ScimSettings.Validate
        );
}
