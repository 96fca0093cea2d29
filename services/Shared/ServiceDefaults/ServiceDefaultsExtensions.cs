using Governance.ServiceDefaults.Http;
using Governance.ServiceDefaults.Logging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Governance.ServiceDefaults;

/// <summary>What every service has: telemetry, health, options that are validated at start, problem details, the wire's JSON.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Tag of health checks that decide whether the service is ready.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Registers the defaults. Telemetry is exported over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="service">The service's short name, for example <c>lifecycle</c>.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string service)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IValidateOptions<GovernanceOptions>, GovernanceOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<GovernanceOptions>, SectionsValidator>();
        builder.Services.AddSettings<GovernanceOptions>("Governance");
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(o => WireJson.Apply(o.SerializerOptions));
        DoorRules.Configure(builder.Services);
        builder.Services.AddHealthChecks();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(15));
        AddTelemetry(builder, service);
        return builder;
    }

    /// <summary>
    /// Registers a pooled data source for the service's own database, a readiness check that writes to it, and its clock as the service's.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="service">The service's short name.</param>
    public static NpgsqlDataSourceBuilder AddDatabase(this WebApplicationBuilder builder, string service)
    {
        builder.Services.AddSingleton<IValidateOptions<ConnectionOptions>, ConnectionOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<ConnectionOptions>, ConnectionStringValidator>();
        builder.Services.AddOptions<ConnectionOptions>().BindConfiguration("ConnectionStrings").ValidateOnStart();
        var source = new NpgsqlDataSourceBuilder(
            DatabaseConnections.Harden(builder.Configuration.GetConnectionString("Database"), service)
        );
        // The label of its metrics; else it would be the connection string, which is another one in each process.
        source.Name = service;
        builder.Services.AddSingleton(_ => source.Build());
        builder.Services.AddSingleton<DatabaseHealthCheck>();
        KeepTimeOf(builder.Services, source);
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("database", tags: [ReadyTag]);
        return source;
    }

    /// <summary><c>GET /health/live</c>: the process answers. <c>GET /health/ready</c>: every dependency works and nothing has stalled.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        // Mapping health checks builds the bus from its options; validated only then, the first wrong option would hide the others.
        app.Services.GetService<IStartupValidator>()?.Validate();
        DoorRules.Use(app);
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = HealthReportWriter.WriteAsync });
        return app;
    }

    // Unless the service was given another clock, as a test does.
    private static void KeepTimeOf(IServiceCollection services, NpgsqlDataSourceBuilder source)
    {
        if (services.LastOrDefault(s => s.ServiceType == typeof(TimeProvider))?.ImplementationInstance != TimeProvider.System)
        {
            return;
        }

        var clock = new DatabaseClock(TimeProvider.System);
        // With each connection, so that nothing is recorded before the clock was read.
        source.UsePhysicalConnectionInitializer(clock.Read, connection => clock.ReadAsync(connection, CancellationToken.None));
        services.AddSingleton(clock);
        services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
        services.AddHostedService<DatabaseClockKeeper>();
    }

    private static void AddTelemetry(WebApplicationBuilder builder, string service)
    {
        var export = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        builder.Logging.AddFilter("MassTransit", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // Readiness is asked several times a second while the suite starts; its answer says what is wrong.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Logging.AddConsole(o => o.FormatterName = OneLineFormatter.FormatterName);
        builder.Logging.AddConsoleFormatter<OneLineFormatter, ConsoleFormatterOptions>();
        builder.Services.AddSingleton(_ => new OutageLines(TimeProvider.System)).AddHostedService<OutageReporter>();

        var telemetry = builder
            .Services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService(service, "governance", serviceInstanceId: InstanceId(builder.Configuration)))
            .WithMetrics(m =>
            {
                m.AddMeter(Telemetry.Name, "MassTransit", "Marten", "Polly", "Npgsql")
                    .AddAspNetCoreInstrumentation()
                    .AddRuntimeInstrumentation();
                if (export)
                {
                    m.AddOtlpExporter();
                }
            });
        if (export)
        {
            // A sampler that is set here is the one, whatever the environment says.
            if (string.IsNullOrEmpty(builder.Configuration["OTEL_TRACES_SAMPLER"]))
            {
                telemetry.WithTracing(t =>
                    t.SetSampler(s => new ParentBasedSampler(
                        new TraceIdRatioBasedSampler(s.GetRequiredService<IOptions<GovernanceOptions>>().Value.TraceShare)
                    ))
                );
            }

            telemetry.WithTracing(t =>
                t.AddSource(Telemetry.Name, "MassTransit", "Marten", "Npgsql")
                    .AddAspNetCoreInstrumentation(o =>
                        o.Filter = c => !c.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
                    )
                    .AddHttpClientInstrumentation()
                    .AddOtlpExporter()
            );
            telemetry.WithLogging(l => l.AddOtlpExporter());
        }
    }

    // A new one in each process would make every series a new one at each start. What tells replicas on one machine apart is their port;
    // OTEL_RESOURCE_ATTRIBUTES may say another.
    private static string InstanceId(ConfigurationManager configuration)
    {
        var urls = configuration["urls"] ?? configuration["Kestrel:Endpoints:Http:Url"];
        return urls is null ? Environment.MachineName : Environment.MachineName + ":" + urls.Split(';')[0].Split(':')[^1].TrimEnd('/');
    }
}
