using Governance.EventStore.Relay;
using Governance.ServiceDefaults;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Governance.EventStore;

/// <summary>The one registration of an event store, with what is costly to decide later decided.</summary>
public static class EventStoreExtensions
{
    /// <summary>
    /// Registers the store in a schema of its own, its relay with the translator <typeparamref name="TTranslator"/>, and the watchdog that
    /// ends the process when its relay leads but stands still.
    /// </summary>
    /// <param name="builder">The service's builder; <c>AddDatabase</c> must have been called.</param>
    /// <param name="schema">Schema and short name of the service.</param>
    /// <param name="configure">Events, aggregates and documents of the service.</param>
    public static MartenServiceCollectionExtensions.MartenConfigurationExpression AddEventStore<TTranslator>(
        this WebApplicationBuilder builder,
        string schema,
        Action<StoreOptions> configure
    )
        where TTranslator : class, IEventTranslator
    {
        // A line for each page that was handled; what goes wrong comes as a warning.
        builder.Logging.AddFilter("Marten.Events.Daemon", LogLevel.Warning);
        builder.Services.AddSingleton<IEventTranslator, TTranslator>();
        builder.Services.AddSingleton(new EventStoreIdentity(schema));
        builder.Services.AddSingleton<SubscriptionMonitors>();
        builder.Services.AddHealthChecks().AddCheck<SubscriptionHealthCheck>("event-relay", tags: [ServiceDefaultsExtensions.ReadyTag]);
        var store = builder
            .Services.AddMarten(services =>
            {
                var options = new StoreOptions();
                Configure(options, services, schema);
                configure(options);
                return options;
            })
            .UseLightweightSessions()
            .ApplyAllDatabaseChangesOnStartup()
            .AddAsyncDaemon(DaemonMode.HotCold)
            .AddSubscriptionWithServices<EventRelay>(
                ServiceLifetime.Singleton,
                o =>
                {
                    o.Name = EventRelay.SubscriptionName;
                    o.Options.BatchSize = 500;
                }
            );
        // They start in this order: when these look for the first time, the tables are there.
        builder.Services.AddHostedService<DaemonWatchdog>();
        builder.Services.AddHostedService<SilentLeaders>();
        builder.Services.AddHostedService<DeadAgents>();
        return store;
    }

    private static void Configure(StoreOptions options, IServiceProvider services, string schema)
    {
        options.Connection(services.GetRequiredService<NpgsqlDataSource>());
        options.DatabaseSchemaName = schema;
        options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
        options.UseSystemTextJsonForSerialization(configure: WireJson.Apply);

        var events = options.Events;
        events.StreamIdentity = StreamIdentity.AsGuid;
        events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
        events.TimeProvider = services.GetRequiredService<TimeProvider>();
        events.EnableUniqueIndexOnEventId = true;
        events.MetadataConfig.CorrelationIdEnabled = true;
        events.MetadataConfig.CausationIdEnabled = true;
        events.MetadataConfig.HeadersEnabled = true;
        events.MetadataConfig.UserNameEnabled = true;
        events.UseListenNotifyForEventAppends = true;
        events.UseExclusiveLockOnConcurrentAppends = true;
        // See Directory.Build.props.
        events.UseAdvisoryLockTransaction = true;
        // An aggregate that was fetched for writing is not read again when its events are folded into it: whoever changes one, changes a copy.
        events.UseIdentityMapForAggregates = true;

        var daemon = options.Projections;
        daemon.LeadershipPollingTime = 500;
        daemon.HealthCheckPollingTime = TimeSpan.FromSeconds(1);
        daemon.AgentPauseTime = TimeSpan.FromMilliseconds(250);
        daemon.SlowPollingTime = TimeSpan.FromMilliseconds(250);
        daemon.FastPollingTime = TimeSpan.FromMilliseconds(50);
        DoNotSkip(daemon.Errors);
        DoNotSkip(daemon.RebuildErrors);
    }

    // By default the daemon passes over what it can't read: an old leader would lose a new event for ever.
    private static void DoNotSkip(ErrorHandlingOptions errors)
    {
        errors.SkipUnknownEvents = false;
        errors.SkipSerializationErrors = false;
        errors.SkipApplyErrors = false;
    }
}

/// <summary>Which store this process has.</summary>
/// <param name="Schema">Database schema and short name of the service.</param>
public sealed record EventStoreIdentity(string Schema);
