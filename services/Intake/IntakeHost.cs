using Governance.EventStore;
using Governance.Grpc.V1;
using Governance.Intake.Amqp;
using Governance.Intake.Door;
using Governance.Intake.Http;
using Governance.Intake.Names;
using Governance.Intake.Reading;
using Governance.Intake.Relay;
using Governance.Intake.Requests;
using Governance.Intake.Tickets;
using Governance.Messaging;
using Governance.ServiceDefaults;
using Governance.ServiceDefaults.Http;
using Grpc.Net.Client;
using Marten;
using Microsoft.Extensions.Options;

namespace Governance.Intake;

/// <summary>Composition of the service.</summary>
internal static class IntakeHost
{
    public const string Schema = "intake";

    public static WebApplication Build(string[] args)
    {
        var builder = ServiceHost.CreateBuilder(args);
        builder.AddServiceDefaults("intake");
        builder.AddDatabase("intake");
        builder.AddBus();
        builder.AddEventStore<IntakeTranslator>(Schema, ConfigureStore);
        AddIntake(builder.Services);

        var app = builder.Build();
        app.MapDefaultEndpoints();
        // Within what answers for everything else that fails.
        app.UseOutageAnswers();
        app.MapMessages();
        return app;
    }

    /// <summary>Names of events and documents are ours, not those of C# types: a rename changes nothing in the store.</summary>
    public static void ConfigureStore(StoreOptions options)
    {
        options.Events.MapEventType<RequestReceived>("request-received");
        options.Events.MapEventType<RequestRefused>("request-refused");
        options.Events.MapEventType<TicketChangeReceived>("ticket-change-received.v1");
        options.Schema.For<RequestText>().DocumentAlias("request_text");
        options.Schema.For<SourcesRecord>().DocumentAlias("known_sources");
    }

    private static void AddIntake(IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<IntakeOptions>, IntakeOptionsValidator>();
        services.AddSettings<IntakeOptions>("Intake");
        services.AddSingleton<MessageParser>();
        services.AddSingleton<MessageRecord>();
        services.AddSingleton<Desk>();
        services.AddSingleton<NameResolver>();
        services.AddSingleton<KnownSources>();
        services.AddHostedService(s => s.GetRequiredService<KnownSources>());
        services.AddHealthChecks().AddCheck<KnownSources>("lifecycle", tags: [ServiceDefaultsExtensions.ReadyTag]);
        services.AddSingleton<CallerHeader>();
        services.AddSingleton(s => GrpcClients.Channel(s.GetRequiredService<IOptions<IntakeOptions>>().Value.LifecycleUrl));
        services.AddSingleton(s => new Catalog.CatalogClient(s.GetRequiredService<GrpcChannel>()));
        services.AddAmqpDoor();
    }
}
