using Microsoft.Extensions.DependencyInjection;

namespace Governance.Connectors.RabbitMq;

/// <summary>Registers the kinds <c>rabbitmq</c> and <c>rabbitmq-user</c>.</summary>
public static class RabbitMqConnectorExtensions
{
    /// <summary>Adds RabbitMQ targets, with permissions of existing users and with users for each grant.</summary>
    public static IServiceCollection AddRabbitMqConnectors(this IServiceCollection services) =>
        services
            .AddConnector(
                RabbitMqConnector.KindName,
                (provider, settings) => new RabbitMqConnector(settings, provider.GetRequiredService<TimeProvider>()),
                RabbitMqSettings.Validate
            )
            .AddConnector(
                RabbitMqUserConnector.KindName,
                (provider, settings) => new RabbitMqUserConnector(settings, provider.GetRequiredService<TimeProvider>()),
                RabbitMqSettings.ValidatePerGrant
            );
}
