using Microsoft.AspNetCore.Builder;

namespace Governance.Cli.Tests.Running;

/// <summary>A real Issuance in this process.</summary>
internal sealed class Issuer(WebApplication app, string url) : IAsyncDisposable
{
    public string Url => url;

    /// <summary>It is away, as after a restart elsewhere. MassTransit keeps the loggers of the first bus of a process until the end.</summary>
    public Task StopAsync() => app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
