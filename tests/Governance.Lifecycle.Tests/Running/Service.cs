using Governance.Lifecycle.Grants;
using Governance.Testing;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Governance.Lifecycle.Tests.Running;

/// <summary>Lifecycle in this process, as the service's own code composes it; only its clock may be another.</summary>
internal sealed class Service : InProcessService
{
    private Service(WebApplication app, LogCapture log)
        : base(app, log) => Get<IBusControl>().ConnectReceiveObserver(Received);

    public Received Received { get; } = new();

    public static WebApplicationBuilder Builder(
        string database,
        string busUrl,
        string catalog,
        TimeProvider? clock,
        params string[] settings
    )
    {
        var builder = CreateBuilder([
            "ConnectionStrings:Database=" + database,
            "Bus:Url=" + busUrl,
            "Lifecycle:CatalogDirectory=" + catalog,
            // Tests ask for a re-drive themselves.
            "Lifecycle:RedrivePeriod=00:10:00",
            .. settings,
        ]);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.AddLifecycle();
        return builder;
    }

    public static async Task<Service> StartAsync(
        string database,
        string busUrl,
        string catalog,
        TimeProvider? clock = null,
        params string[] settings
    )
    {
        var builder = Builder(database, busUrl, catalog, clock, settings);
        var log = builder.Capture();
        var service = new Service(builder.Build().MapLifecycle(), log);
        await service.StartAsync();
        return service;
    }

    public Task<int> RedriveAsync() =>
        Services.GetServices<IHostedService>().OfType<GrantRedriver>().Single().RedriveAsync(CancellationToken.None);
}
