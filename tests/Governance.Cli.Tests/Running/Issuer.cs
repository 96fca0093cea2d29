using Microsoft.AspNetCore.Builder;

namespace Governance.Cli.Tests.Running;

/// <summary>A real Issuance in this process.</summary>
internal sealed class Issuer(WebApplication app, string url) : IAsyncDisposable
{
    public string Url => url;

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
