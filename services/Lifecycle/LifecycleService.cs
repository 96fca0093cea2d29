using Governance.Contracts.Expiry;
using Governance.Contracts.Intake;
using Governance.Contracts.Issuance;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.EventStore;
using Governance.EventStore.Sagas;
using Governance.Lifecycle.Api;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.DecisionStream;
using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.Facts;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Installation;
using Governance.Lifecycle.KillSwitch;
using Governance.Lifecycle.Objectives;
using Governance.Lifecycle.Principals;
using Governance.Lifecycle.Refusals;
using Governance.Lifecycle.Retention;
using Governance.Lifecycle.Targets;
using Governance.Lifecycle.Texts;
using Governance.Lifecycle.Tickets;
using Governance.Lifecycle.Turns;
using Governance.Messaging;
using Governance.ServiceDefaults;
using Governance.ServiceDefaults.Http;
using JasperFx.Events.Projections;
using Marten;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle;

/// <summary>The composition of the service.</summary>
public static class LifecycleService
{
    public const string Schema = "lifecycle";
    public const string Requests = "governance.lifecycle.requests";
    public const string Progress = "governance.lifecycle.progress";
    public const string Ends = "governance.lifecycle.ends";

    public static WebApplicationBuilder AddLifecycle(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults("lifecycle");
        builder.AddDatabase("lifecycle");
        builder.Services.AddSingleton<IValidateOptions<LifecycleOptions>, LifecycleOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<LifecycleOptions>, IssuanceConnectionValidator>();
        builder.Services.AddSettings<LifecycleOptions>("Lifecycle");
        builder
            .Services.AddSingleton<Catalogs>()
            .AddSingleton<CatalogStatus>()
            .AddSingleton<HeldAccess>()
            .AddSingleton<FactsAssembler>()
            .AddSingleton<ToldTimes>()
            .AddSingleton<GrantTransitions>()
            .AddSingleton<GrantStateMachine>()
            .AddSingleton<GrantRaiser>()
            .AddSingleton<GrantSessions>()
            .AddSingleton<ISagaSessionFactory<Grant>>(s => s.GetRequiredService<GrantSessions>())
            .AddSingleton<GrantReader>()
            .AddSingleton<GrantTextReader>()
            .AddSingleton<DecisionReader>()
            .AddSingleton<ApprovalReader>()
            .AddSingleton<SweptGrants>()
            .AddSingleton<OrderedGrants>()
            .AddSingleton<SelectorResolver>()
            .AddSingleton<RevocationOrders>()
            .AddSingleton<RevocationReader>()
            .AddSingleton<RecordedWaits>()
            .AddSingleton<OpenWaits>()
            .AddSingleton<SloReader>()
            .AddSingleton<GrantHistory>()
            .AddSingleton<AtTheTarget>()
            .AddSingleton<CallerIdentity>()
            .AddSingleton<TargetOrders>()
            .AddSingleton<GrantCommands>()
            .AddSingleton<DecisionPublisher>()
            .AddSingleton(s => new SealedCredentials(
                new HttpClient { Timeout = TimeSpan.FromSeconds(10) },
                s.GetRequiredService<IOptions<LifecycleOptions>>()
            ));
        builder
            .Services.AddHealthChecks()
            .AddCheck<InForceHealthCheck>("in-force", tags: [ServiceDefaultsExtensions.ReadyTag])
            .AddCheck<CatalogStatus>("catalog", tags: [ServiceDefaultsExtensions.ReadyTag])
            .AddCheck<HeldSweepHealthCheck>("sweep", tags: [ServiceDefaultsExtensions.ReadyTag]);
        builder
            .AddEventStore<LifecycleTranslator>(Schema, ConfigureStore)
            .AddSubscriptionWithServices<DecisionStreamSubscription>(
                ServiceLifetime.Singleton,
                o => o.Name = DecisionStreamSubscription.SubscriptionName
            );
        // They start after the store has made its tables.
        builder
            .Services.AddHostedService<CatalogKeeper>()
            .AddHostedService<GrantRedriver>()
            .AddHostedService<LineKeeper>()
            .AddHostedService<Sweeper>()
            .AddHostedService<Revoker>();
        builder.Services.AddMediator(m =>
            m.AddConsumer<GrantCommandConsumer>(c =>
                c.UseMessageRetry(r =>
                {
                    r.Intervals(20, 50, 100, 250);
                    // The same data would fail again.
                    r.Ignore<Exception>(IsDataException);
                })
            )
        );
        builder.AddBus(Register, Endpoints);
        builder.Services.AddSuiteGrpc();
        builder.Services.AddGrpcHealthChecks();
        builder.Services.AddGrpcReflection();
        return builder;
    }

    public static WebApplication MapLifecycle(this WebApplication app)
    {
        app.MapDefaultEndpoints();
        // Within what answers for everything else that fails.
        app.UseOutageAnswers();
        app.MapGrants();
        app.MapCredentials();
        app.MapTexts();
        app.MapDecisions();
        app.MapInForce();
        app.MapApprovals();
        app.MapSweeps();
        app.MapCatalog();
        app.MapTargets();
        app.MapRevocations();
        app.MapSlo();
        app.MapGrpcService<GrpcGrants>();
        app.MapGrpcService<GrpcCatalog>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        return app;
    }

    internal static void ConfigureStore(StoreOptions options)
    {
        EventNames.Register(options.Events);
        options.Projections.Snapshot<Grant>(SnapshotLifecycle.Inline);
        options.Projections.Snapshot<Sweep>(SnapshotLifecycle.Inline);
        options.Projections.Snapshot<RevocationOrder>(SnapshotLifecycle.Inline);
        options.Projections.Snapshot<TicketStatus>(SnapshotLifecycle.Inline);
        options.Projections.Snapshot<PrincipalLedger>(SnapshotLifecycle.Inline);
        options.Projections.Snapshot<InForce>(SnapshotLifecycle.Inline);
        options.Schema.For<StoredCatalog>();
        options.Schema.For<DecisionCursor>();
        options.Schema.For<TicketStatus>().Index(t => t.Ticket!.Key, i => i.Casing = Marten.Schema.ComputedIndex.Casings.Lower);
        options.Schema.For<Turn>().Index(t => t.Actor);
        options.Schema.For<LatestFailure>();
        options.Schema.For<PersonalText>().Index(t => t.GrantId);
    }

    private static void Register(IBusRegistrationConfigurator bus)
    {
        bus.AddSagaStateMachine<GrantStateMachine, Grant>().EventSourcedRepository();
        bus.AddConsumer<AccessRefusedConsumer>();
        bus.AddConsumer<BundleAnnouncedConsumer>();
        bus.AddConsumer<TicketChangedConsumer>();
        bus.AddConsumer<HoldingObservedConsumer>();
        bus.AddConsumer<HoldingFailedConsumer>();
    }

    // What takes access away never queues behind what gives it.
    private static void Endpoints(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator bus)
    {
        bus.SuiteEndpoint(
            Requests,
            e =>
            {
                e.Bind<AccessRequested>();
                e.Bind<AccessRefused>();
                e.ConfigureSaga<Grant>(context);
                e.ConfigureConsumer<AccessRefusedConsumer>(context);
            }
        );
        bus.SuiteEndpoint(
            Progress,
            e =>
            {
                e.Bind<AccessEvaluated>();
                e.Bind<HoldingObserved>();
                e.Bind<HoldingFailed>();
                e.Bind<BundleAnnounced>();
                e.Bind<RedriveGrant>();
                e.Bind<ReconsiderGrant>();
                e.Bind<Fault<EvaluateAccess>>();
                e.Bind<Fault<ReconcileHolding>>();
                e.Bind<Fault<SetDeadline>>();
                e.ConfigureSaga<Grant>(context);
                e.ConfigureConsumer<HoldingObservedConsumer>(context);
                e.ConfigureConsumer<HoldingFailedConsumer>(context);
                e.ConfigureConsumer<BundleAnnouncedConsumer>(context);
            }
        );
        bus.SuiteEndpoint(
            Ends,
            e =>
            {
                e.Bind<DeadlineReached>();
                e.Bind<EndForbiddenGrant>();
                e.Bind<UpdateGrantTicket>();
                e.Bind<TicketChanged>();
                e.ConfigureSaga<Grant>(context);
                e.ConfigureConsumer<TicketChangedConsumer>(context);
            }
        );
    }

    // Class 22 of SQLSTATE.
    private static bool IsDataException(Exception? exception) =>
        exception is Npgsql.PostgresException { SqlState: ['2', '2', ..] }
        || (exception?.InnerException is { } inner && IsDataException(inner));
}
