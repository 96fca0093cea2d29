using Governance.Lifecycle.Grants;
using Governance.Testing;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Governance.Lifecycle.Tests.Running;

/// <summary>Lifecycle in this process, as the service's own code composes it; only its clock may be another.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _stopped;

    private Service(WebApplication app, LogCapture log)
    {
        (_app, Log) = (app, log);
        app.Services.GetRequiredService<IBusControl>().ConnectReceiveObserver(Received);
    }

    public LogCapture Log { get; }

    public Received Received { get; } = new();

    public HttpClient Http { get; private set; } = null!;

    public GrpcChannel Grpc { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    /// <summary>Set when the process would have ended.</summary>
    public CancellationToken Stopping => _app.Lifetime.ApplicationStopping;

    public static WebApplicationBuilder Builder(
        string database,
        string busUrl,
        string catalog,
        TimeProvider? clock,
        LogCapture log,
        params string[] settings
    )
    {
        var builder = WebApplication.CreateBuilder([
            "--environment=Development",
            "--Kestrel:Endpoints:Http:Url=http://127.0.0.1:0",
            "--Kestrel:Endpoints:Http:Protocols=Http1",
            "--Kestrel:Endpoints:Grpc:Url=http://127.0.0.1:0",
            "--Kestrel:Endpoints:Grpc:Protocols=Http2",
            "--ConnectionStrings:Database=" + database,
            "--Bus:Url=" + busUrl,
            "--Lifecycle:CatalogDirectory=" + catalog,
            // Tests ask for a re-drive themselves.
            "--Lifecycle:RedrivePeriod=00:10:00",
            .. settings.Select(s => "--" + s),
        ]);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        builder.AddLifecycle();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
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
        var log = new LogCapture();
        var app = Builder(database, busUrl, catalog, clock, log, settings).Build().MapLifecycle();
        var service = new Service(app, log);
        await app.StartAsync();
        foreach (var url in app.Urls)
        {
            var client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30) };
            using var answer = await client.GetAsync(new Uri("/health/live", UriKind.Relative));
            if (answer.IsSuccessStatusCode)
            {
                service.Http = client;
            }
            else
            {
                // It only speaks HTTP/2.
                client.Dispose();
                service.Grpc = GrpcChannel.ForAddress(url);
            }
        }

        return service;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public Task<int> RedriveAsync() =>
        _app.Services.GetServices<IHostedService>().OfType<GrantRedriver>().Single().RedriveAsync(CancellationToken.None);

    public async Task<bool> IsReadyAsync() => (await Http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode;

    public Task ReadyAsync() => Eventually.Until(IsReadyAsync, TimeSpan.FromSeconds(60));

    public async Task<string> HealthAsync() =>
        await (await Http.GetAsync(new Uri("/health/ready", UriKind.Relative))).Content.ReadAsStringAsync();

    public async Task StopAsync()
    {
        if (!_stopped)
        {
            _stopped = true;
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Grpc.Dispose();
        await StopAsync();
    }
}
