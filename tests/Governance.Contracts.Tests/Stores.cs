using Governance.Intake;
using Governance.Lifecycle;
using Governance.Testing;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Contracts.Tests;

/// <summary>The event stores as the services configure them, on a database of their own. The services are not started.</summary>
internal static class Stores
{
    private const string NoBus = "amqp://nobody@127.0.0.1:1/none";

    public static async Task<WebApplication> LifecycleAsync()
    {
        var builder = WebApplication.CreateBuilder([
            "--ConnectionStrings:Database=" + await SuiteServers.Current.CreateDatabaseAsync("forms"),
            "--Bus:Url=" + NoBus,
            "--Lifecycle:CatalogDirectory=none",
        ]);
        builder.AddLifecycle();
        builder.Logging.ClearProviders();
        return builder.Build();
    }

    public static async Task<WebApplication> IntakeAsync() =>
        IntakeHost.Build([
            "--ConnectionStrings:Database=" + await SuiteServers.Current.CreateDatabaseAsync("forms"),
            "--Bus:Url=" + NoBus,
            "--Intake:LifecycleUrl=http://127.0.0.1:1",
        ]);

    public static Task<WebApplication> StartAsync(string service) => service == "lifecycle" ? LifecycleAsync() : IntakeAsync();

    /// <summary>Name by type, as the store has it.</summary>
    public static IReadOnlyDictionary<Type, string> Names(IDocumentStore store) =>
        store
            .Options.Events.AllKnownEventTypes()
            .Where(e => e.EventType.Namespace!.StartsWith("Governance.", StringComparison.Ordinal))
            .ToDictionary(e => e.EventType, e => e.EventTypeName);
}
