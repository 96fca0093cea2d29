using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;

namespace Governance.Intake.Tests.Running;

/// <summary>The service as it is, in this process, on a port of its own.</summary>
internal sealed class RunningIntake : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningIntake(WebApplication app)
    {
        _app = app;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(30) };
    }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<RunningIntake> StartAsync(
        Surroundings surroundings,
        string environment = "Development",
        bool untilReady = true
    )
    {
        var app = IntakeHost.Build(surroundings.Settings(environment));
        await app.StartAsync();
        var intake = new RunningIntake(app);
        if (untilReady)
        {
            await intake.UntilReadyAsync();
        }

        return intake;
    }

    public async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(
        string path,
        byte[] body,
        string type = "application/cloudevents+json",
        params (string Name, string Value)[] headers
    )
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await Http.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    public Task UntilReadyAsync() =>
        Eventually.Until(
            async () =>
            {
                using var response = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
                return await response.Content.ReadAsStringAsync();
            },
            Does.Contain("\"status\":\"healthy\"").And.Not.Contain("unhealthy"),
            TimeSpan.FromSeconds(60)
        );

    public async Task<bool> IsReadyAsync()
    {
        using var response = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return response.IsSuccessStatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
