using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.Webhook;

/// <summary>Registers the kind <c>webhook</c>.</summary>
public static class WebhookConnectorExtensions
{
    /// <summary>Adds receivers of signed webhooks.</summary>
    public static IServiceCollection AddWebhookConnector(this IServiceCollection services) =>
        services.AddConnector(
            WebhookConnector.KindName,
            (provider, settings) =>
                new WebhookConnector(
                    settings,
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<WebhookConnector>>()
                ),
            WebhookSettings.Validate
        );
}
