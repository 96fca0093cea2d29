using Governance.ServiceDefaults;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Governance.Messaging;

/// <summary>The one registration of the bus.</summary>
public static class BusExtensions
{
    /// <summary>Queue that takes what a queue gave up on: undeliverable too often, or refused.</summary>
    public const string DeadLetters = "governance.dead-letters";

    /// <summary>
    /// Times that a message may come back to its queue before it is dead-lettered. High, since a restart of a service gives back everything
    /// that it held.
    /// </summary>
    public const int DeliveryLimit = 100;

    /// <summary>Registers the bus with the suite's policy. Consumers are registered by <paramref name="register"/>, queues by <paramref name="endpoints"/>.</summary>
    public static WebApplicationBuilder AddBus(
        this WebApplicationBuilder builder,
        Action<IBusRegistrationConfigurator>? register = null,
        Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator>? endpoints = null
    )
    {
        builder.Services.AddSingleton<IValidateOptions<BusOptions>, BusOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<BusOptions>, BusUrlValidator>();
        builder.Services.AddSettings<BusOptions>("Bus");
        builder
            .Services.AddOptions<MassTransitHostOptions>()
            .Configure(o =>
            {
                o.WaitUntilStarted = false;
                o.StopTimeout = TimeSpan.FromSeconds(10);
                o.ConsumerStopTimeout = TimeSpan.FromSeconds(5);
            });
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddBusObserver<BusStartWatch>();
        builder.Services.AddHostedService<BusWatchdog>();
        builder.Services.AddSingleton<BrokerWatch>().AddHostedService(services => services.GetRequiredService<BrokerWatch>());
        builder.Services.AddHealthChecks().AddCheck<BrokerHealthCheck>("broker", tags: ["ready"]);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetKebabCaseEndpointNameFormatter();
            bus.ConfigureHealthCheckOptions(o =>
            {
                o.Name = "bus";
                o.Tags.Add("ready");
                o.MinimalFailureStatus = Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy;
            });
            register?.Invoke(bus);
            bus.UsingRabbitMq(
                (context, cfg) =>
                {
                    var options = context.GetRequiredService<IOptions<BusOptions>>().Value;
                    cfg.Host(
                        new Uri(options.Url),
                        h =>
                        {
                            h.PublisherConfirmation = true;
                            h.Heartbeat(TimeSpan.FromSeconds(5));
                        }
                    );
                    cfg.ConfigureJsonSerializerOptions(WithSuiteConverters);
                    cfg.PrefetchCount = options.Prefetch;
                    cfg.UseFilter(
                        new HoldDuringOutage(
                            context.GetRequiredService<TimeProvider>(),
                            context.GetRequiredService<ILogger<HoldDuringOutage>>()
                        )
                    );
                    endpoints?.Invoke(context, cfg);
                }
            );
        });
        return builder;
    }

    /// <summary>
    /// Declares a queue as the suite wants every queue: quorum, with a delivery limit and a dead-letter exchange set at birth (arguments of
    /// a queue can't change later), bound only to the named message types, with short retries around the consumer. While the service's
    /// database is away messages are held; when the service stops meanwhile, they go back to the queue.
    /// </summary>
    public static void SuiteEndpoint(
        this IRabbitMqBusFactoryConfigurator bus,
        string queue,
        Action<IRabbitMqReceiveEndpointConfigurator> configure
    )
    {
        bus.ReceiveEndpoint(
            queue,
            e =>
            {
                e.ConfigureConsumeTopology = false;
                e.SetQuorumQueue();
                e.SetQueueArgument("x-delivery-limit", DeliveryLimit);
                e.BindDeadLetterQueue(DeadLetters, DeadLetters, d => d.SetQuorumQueue());
                e.UseMessageRetry(r => r.Intervals(20, 50, 100, 250, 500));
                configure(e);
            }
        );
    }

    private static System.Text.Json.JsonSerializerOptions WithSuiteConverters(System.Text.Json.JsonSerializerOptions options)
    {
        foreach (var converter in WireJson.Options.Converters)
        {
            options.Converters.Add(converter);
        }

        return options;
    }
}
