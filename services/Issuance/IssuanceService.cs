using Governance.Connectors.Kubernetes;
using Governance.Connectors.PostgreSql;
using Governance.Connectors.RabbitMq;
using Governance.Connectors.Scim;
using Governance.Connectors.Webhook;
using Governance.Contracts.Lifecycle;
using Governance.Issuance.Answering;
using Governance.Issuance.Credentials;
using Governance.Issuance.Drift;
using Governance.Issuance.Holdings;
using Governance.Issuance.Reconciling;
using Governance.Issuance.Targets;
using Governance.Messaging;
using Governance.ServiceDefaults;
using MassTransit;
using Microsoft.Extensions.Options;
using Polly;

namespace Governance.Issuance;

/// <summary>Puts the service together.</summary>
public static class IssuanceService
{
    /// <summary>The queue of <see cref="ReconcileHolding"/>.</summary>
    public const string HoldingsQueue = "governance.issuance.holdings";

    /// <param name="args">The command line.</param>
    /// <param name="configure">Changes registrations before the service is built.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ServiceHost.CreateBuilder(args);
        configure?.Invoke(builder);
        builder.AddServiceDefaults("issuance");
        builder.AddDatabase("issuance");
        // Each failed attempt is told once, by the attempt; Polly's meter still counts every call.
        builder.Logging.AddFilter("Polly", LogLevel.None);
        AddOptions(builder.Services);
        builder.Services.AddPostgreSqlConnector();
        builder.Services.AddPostgreSqlLoginConnector();
        builder.Services.AddRabbitMqConnector();
        builder.Services.AddRabbitMqUserConnector();
        builder.Services.AddKubernetesConnector();
        builder.Services.AddScimConnector();
        builder.Services.AddWebhookConnector();
        AddHoldings(builder.Services);
        // After the table: hosted services start in order, and a command needs the table.
        builder.AddBus(
            bus =>
            {
                bus.AddConsumer<ReconcileHoldingConsumer>();
                bus.AddConsumer<AcceptTargetConsumer>();
                bus.AddConsumer<RetryHoldingsConsumer>();
            },
            (context, cfg) =>
                cfg.SuiteEndpoint(
                    HoldingsQueue,
                    e =>
                    {
                        e.Bind<ReconcileHolding>();
                        e.Bind<AcceptTarget>();
                        e.Bind<RetryHoldings>();
                        e.ConfigureConsumer<ReconcileHoldingConsumer>(context);
                        e.ConfigureConsumer<AcceptTargetConsumer>(context);
                        e.ConfigureConsumer<RetryHoldingsConsumer>(context);
                    }
                )
        );

        var app = builder.Build();
        app.MapDefaultEndpoints();
        // Within what answers for everything else that fails.
        app.UseOutageAnswers();
        app.MapHoldings();
        app.MapCredentials();
        app.MapTargets();
        return app;
    }

    private static void AddOptions(IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<IssuanceOptions>, IssuanceOptionsValidator>();
        services.AddSettings<IssuanceOptions>("Issuance");
    }

    private static void AddHoldings(IServiceCollection services)
    {
        services.AddSingleton<AskedEnds>();
        services.AddSingleton<HoldingStore>();
        services.AddSingleton<CredentialStore>();
        services.AddHostedService<HoldingTable>();

        services.AddResiliencePipelineRegistry<string>();
        services.AddSingleton<TargetCatalog>();
        services.AddSingleton<TargetRegister>();
        services.AddSingleton<ProbeGate>();
        services.AddSingleton<TargetGuard>();
        services.AddSingleton<Wakeups>();
        services.AddSingleton<Heartbeats>();
        services.AddSingleton<IssuanceMetrics>();
        services.AddSingleton<Attempt>();
        services.AddSingleton<Answers>();
        services.AddSingleton<AnswerMarks>();
        services.AddHostedService<WakeupListener>();
        services.AddHostedService<TargetChecks>();
        services.AddHostedService<ReconcileLoops>();
        services.AddSingleton<DriftStore>();
        services.AddHostedService<DriftReader>();
        services.AddHostedService<AnswerSweeper>();
        services.AddHostedService<ClockRepair>();
        services.AddHostedService<HoldingGauges>();
        services
            .AddHealthChecks()
            .AddCheck<LoopHealthCheck>("loop", tags: [ServiceDefaultsExtensions.ReadyTag])
            .AddCheck<FencingHealthCheck>("fencing", tags: [ServiceDefaultsExtensions.ReadyTag])
            .AddCheck<TargetHealthCheck>("targets", tags: [ServiceDefaultsExtensions.ReadyTag]);
    }
}
