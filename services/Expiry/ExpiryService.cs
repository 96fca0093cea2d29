using Governance.Contracts.Lifecycle;
using Governance.Expiry.Deadlines;
using Governance.Expiry.Firing;
using Governance.Expiry.Schema;
using Governance.Messaging;
using Governance.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Governance.Expiry;

internal static class ExpiryService
{
    public const string Name = "expiry";
    public const string SetQueue = "governance.expiry.deadlines";

    // Apart from the sets: behind a burst of them, what is acknowledged would fire again and what is cancelled would fire at all.
    public const string SettledQueue = "governance.expiry.settled";

    // What waits for the database when the service stops goes back to its queue after this time.
    private static readonly TimeSpan GiveBackAfter = TimeSpan.FromSeconds(2);

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = ServiceHost.CreateBuilder(args);
        builder.AddServiceDefaults(Name);
        builder.AddDatabase(Name);
        builder.Services.AddSingleton<IValidateOptions<ExpiryOptions>, ExpiryOptionsValidator>();
        builder.Services.AddSettings<ExpiryOptions>("Expiry");
        AddDeadlines(builder.Services);
        builder.AddBus(AddConsumers, AddQueues);
        builder.Services.Configure<MassTransitHostOptions>(o => o.ConsumerStopTimeout = GiveBackAfter);
        return builder;
    }

    public static WebApplication BuildExpiry(this WebApplicationBuilder builder)
    {
        var app = builder.Build();
        app.MapDefaultEndpoints();
        // Within what answers for everything else that fails.
        app.UseOutageAnswers();
        app.MapDeadlines();
        return app;
    }

    private static void AddDeadlines(IServiceCollection services)
    {
        services.AddSingleton<SchemaReady>();
        services.AddHostedService<Migrator>();
        services.AddSingleton<DeadlineStore>();
        services.AddSingleton<Wakeups>();
        services.AddHostedService<WakeupListener>();
        services.AddSingleton<Heartbeat>();
        services.AddSingleton<DueDeadlines>();
        services.AddSingleton<FiringRound>();
        services.AddHostedService<FiringLoop>();
        services.AddHostedService<DeadlineSurvey>();
        services.AddHealthChecks().AddCheck<FiringLoopHealthCheck>("firing-loop", tags: [ServiceDefaultsExtensions.ReadyTag]);
    }

    private static void AddConsumers(IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<SetDeadlineConsumer>();
        bus.AddConsumer<CancelDeadlineConsumer>();
        bus.AddConsumer<DeadlineAcknowledgedConsumer>();
    }

    private static void AddQueues(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator bus)
    {
        bus.SuiteEndpoint(
            SetQueue,
            e =>
            {
                e.Bind<SetDeadline>();
                e.ConfigureConsumer<SetDeadlineConsumer>(context);
            }
        );
        bus.SuiteEndpoint(
            SettledQueue,
            e =>
            {
                e.Bind<CancelDeadline>();
                e.Bind<DeadlineAcknowledged>();
                e.ConfigureConsumer<CancelDeadlineConsumer>(context);
                e.ConfigureConsumer<DeadlineAcknowledgedConsumer>(context);
            }
        );
    }
}
