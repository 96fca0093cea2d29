using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Governance.Testing;

/// <summary>A service in this process, as its own code composes it, with an address for each protocol.</summary>
public class InProcessService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _stopped;

    protected InProcessService(WebApplication app, LogCapture log) => (_app, Log) = (app, log);

    public LogCapture Log { get; }

    public HttpClient Http { get; private set; } = null!;

    public string Url => Http.BaseAddress!.ToString();

    public GrpcChannel Grpc { get; private set; } = null!;

    public string GrpcUrl { get; private set; } = "";

    public IServiceProvider Services => _app.Services;

    /// <summary>Set when the process would have ended.</summary>
    public CancellationToken Stopping => _app.Lifetime.ApplicationStopping;

    /// <summary>A builder whose addresses are free ports of this machine.</summary>
    public static WebApplicationBuilder CreateBuilder(params IEnumerable<string> settings) =>
        WebApplication.CreateBuilder([
            "--environment=Development",
            "--Kestrel:Endpoints:Http:Url=http://127.0.0.1:0",
            "--Kestrel:Endpoints:Http:Protocols=Http1",
            "--Kestrel:Endpoints:Grpc:Url=http://127.0.0.1:0",
            "--Kestrel:Endpoints:Grpc:Protocols=Http2",
            .. settings.Select(s => "--" + s),
        ]);

    public static async Task<InProcessService> StartAsync(string[] settings, Func<WebApplicationBuilder, WebApplication> compose)
    {
        var builder = CreateBuilder(settings);
        var log = builder.Capture();
        var service = new InProcessService(compose(builder), log);
        await service.StartAsync();
        return service;
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public async Task<JsonNode> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonNode>(new Uri(path, UriKind.Relative)))!;

    public async Task<(bool Ready, string Report)> HealthAsync()
    {
        using var answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return (answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<bool> IsReadyAsync() => (await HealthAsync()).Ready;

    public Task ReadyAsync() => Eventually.Until(IsReadyAsync, Is.True, TimeSpan.FromSeconds(90));

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
        GC.SuppressFinalize(this);
    }

    protected async Task StartAsync()
    {
        await _app.StartAsync();
        foreach (var url in _app.Urls)
        {
            var client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30) };
            using var answer = await client.GetAsync(new Uri("/health/live", UriKind.Relative));
            if (answer.IsSuccessStatusCode)
            {
                Http = client;
            }
            else
            {
                // It only speaks HTTP/2.
                client.Dispose();
                (Grpc, GrpcUrl) = (GrpcChannel.ForAddress(url), url);
            }
        }
    }
}

/// <summary>Listens to what a service logs.</summary>
public static class LogCaptureExtensions
{
    /// <summary>In place of what it logs to otherwise.</summary>
    public static LogCapture Capture(this WebApplicationBuilder builder)
    {
        var log = new LogCapture();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        return log;
    }
}
