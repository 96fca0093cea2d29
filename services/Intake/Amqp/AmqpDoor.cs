using Governance.ServiceDefaults;

namespace Governance.Intake.Amqp;

internal static class AmqpDoor
{
    public static IServiceCollection AddAmqpDoor(this IServiceCollection services)
    {
        services.AddSingleton<ConsumerState>();
        services.AddSingleton<DeliveryHandler>();
        services.AddHostedService<RequestConsumer>();
        services.AddHealthChecks().AddCheck<ConsumerState>("request-consumer", tags: [ServiceDefaultsExtensions.ReadyTag]);
        return services;
    }
}
