using System.Text.Json.Nodes;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Expiry.Tests.Running;

/// <summary>Expiry in this process, as the service's own code composes it; only its clock may be another.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _stopped;

    private Replica(WebApplication app, LogCapture log)
    {
        _app = app;
        Log = log;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public LogCapture Log { get; }

    public HttpClient Http { get; }

    public static async Task<Replica> StartAsync(World world, TimeProvider? clock, string[] settings)
    {
        var builder = ExpiryService.CreateBuilder([
            "--urls=http://127.0.0.1:0",
            "--ConnectionStrings:Database=" + world.Database,
            "--Bus:Url=" + world.BusUrl,
            .. settings.Select(s => "--Expiry:" + s),
        ]);
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }

        var log = builder.Capture();
        var app = builder.BuildExpiry();
        await app.StartAsync();
        var replica = new Replica(app, log);
        await replica.ReadyAsync();
        return replica;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public Task ReadyAsync() => Eventually.Until(IsReadyAsync, TimeSpan.FromSeconds(30));

    public async Task<bool> IsReadyAsync() => (await Http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode;

    /// <summary>Words of one check of readiness, with its status before them.</summary>
    public async Task<string> CheckAsync(string name)
    {
        using var answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        var check = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["checks"]![name]!;
        return $"{(string?)check["status"]}: {(string?)check["description"]}";
    }

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
