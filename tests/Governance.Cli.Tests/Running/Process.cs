using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Governance.Cli.Tests.Running;

/// <summary>A service in this process, with an address for each protocol.</summary>
internal sealed class Process : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _stopped;

    private Process(WebApplication app) => _app = app;

    public HttpClient Http { get; private set; } = null!;

    public string Url => Http.BaseAddress!.ToString();

    public string GrpcUrl { get; private set; } = "";

    public static async Task<Process> StartAsync(string[] settings, Func<WebApplicationBuilder, WebApplication> compose)
    {
        var builder = WebApplication.CreateBuilder([
            "--environment=Development",
            "--Kestrel:Endpoints:Http:Url=http://127.0.0.1:0",
            "--Kestrel:Endpoints:Http:Protocols=Http1",
            "--Kestrel:Endpoints:Grpc:Url=http://127.0.0.1:0",
            "--Kestrel:Endpoints:Grpc:Protocols=Http2",
            .. settings.Select(s => "--" + s),
        ]);
        builder.Logging.ClearProviders();
        var app = compose(builder);
        await app.StartAsync();
        var process = new Process(app);
        foreach (var url in app.Urls)
        {
            var client = new HttpClient { BaseAddress = new Uri(url) };
            using var answer = await client.GetAsync(new Uri("/health/live", UriKind.Relative));
            if (answer.IsSuccessStatusCode)
            {
                process.Http = client;
            }
            else
            {
                // It only speaks HTTP/2.
                client.Dispose();
                process.GrpcUrl = url;
            }
        }

        return process;
    }

    public async Task<JsonNode> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonNode>(new Uri(path, UriKind.Relative)))!;

    public async Task<(bool Ready, string Report)> HealthAsync()
    {
        using var answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return (answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public Task ReadyAsync() => Eventually.Until(async () => (await HealthAsync()).Ready, Is.True, TimeSpan.FromSeconds(90));

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
        await StopAsync();
    }
}
