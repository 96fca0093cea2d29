using Governance.Cedar;
using Governance.Cedar.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Grpc.V1;
using Governance.Messaging;
using Governance.Policy.Bundles;
using Governance.Policy.Decisions;
using Governance.ServiceDefaults;
using Governance.ServiceDefaults.Http;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Governance.Policy;

/// <summary>The composition of the service.</summary>
public static class PolicyService
{
    public const string Evaluations = "governance.policy.evaluations";

    public static WebApplicationBuilder AddPolicy(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults("policy");
        builder.AddDatabase("policy");
        builder.Services.AddSingleton<IValidateOptions<PolicyOptions>, PolicyOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<PolicyOptions>, PolicyPeriodsValidator>();
        builder.Services.AddSettings<PolicyOptions>("Policy");
        builder
            .Services.AddSingleton(s =>
                CedarEngine.Create(
                    new CedarEngineOptions { CacheDirectory = s.GetRequiredService<IOptions<PolicyOptions>>().Value.EngineCacheDirectory }
                )
            )
            .AddSingleton<DecisionEngine>()
            .AddSingleton<DecisionMetrics>()
            .AddSingleton<BundleStore>()
            .AddSingleton<BundleStatus>()
            .AddSingleton<DryRun>()
            .AddSingleton(s => GrpcClients.Channel(s.GetRequiredService<IOptions<PolicyOptions>>().Value.LifecycleUrl))
            .AddSingleton(s => new Catalog.CatalogClient(s.GetRequiredService<GrpcChannel>()))
            .AddHostedService<BundleKeeper>();
        builder.Services.AddHealthChecks().AddCheck<BundleStatus>("bundle", tags: [ServiceDefaultsExtensions.ReadyTag]);
        builder.AddBus(
            bus => bus.AddConsumer<EvaluateAccessConsumer>(),
            (context, bus) =>
                bus.SuiteEndpoint(
                    Evaluations,
                    e =>
                    {
                        e.Bind<EvaluateAccess>();
                        e.ConfigureConsumer<EvaluateAccessConsumer>(context);
                    }
                )
        );
        builder.Services.AddSuiteGrpc();
        builder.Services.AddGrpcHealthChecks();
        builder.Services.AddGrpcReflection();
        return builder;
    }

    public static WebApplication MapPolicy(this WebApplication app)
    {
        app.MapDefaultEndpoints();
        app.MapDryRun();
        app.MapBundles();
        app.MapGrpcService<GrpcDecisions>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        return app;
    }
}
