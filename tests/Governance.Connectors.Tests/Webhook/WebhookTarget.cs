using Governance.Connectors.Tests.Http;
using Governance.Connectors.Webhook;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Connectors.Tests.Webhook;

/// <summary>A receiver that verifies and fences.</summary>
public sealed class WebhookTarget : ServerTarget
{
    private readonly WebhookServer _server;

    private WebhookTarget(WebhookServer server)
        : base(server.Port, "holding.desired", "holding.desired") => _server = server;

    public override string ConnectionString =>
        $"Url=http://127.0.0.1:{Port}/holdings;ReadUrl=\"http://127.0.0.1:{Port}/state?tenant=a%20b\";"
        + $"AllowHttp=true;AllowNetworks=127.0.0.0/8;Secrets={WebhookServer.Secret}";

    public override IReadOnlyList<string> Secrets => [WebhookServer.Secret, WebhookServer.Secret["whsec_".Length..]];

    public static async Task<WebhookTarget> CreateAsync() => new(await WebhookServer.StartAsync());

    public override void Register(IServiceCollection services) => services.AddWebhookConnector();

    public override Task<string?> CreateAccountAsync(string like)
    {
        var name = Unique(like);
        _server.CreateAccount(name);
        return Task.FromResult<string?>(name);
    }

    public override Task<string?> CreatePrivilegeAsync(string like)
    {
        var name = Unique(like);
        _server.CreatePrivilege(name);
        return Task.FromResult<string?>(name);
    }

    public override Task DropAccountAsync(string account)
    {
        _server.DropAccount(account);
        return Task.CompletedTask;
    }

    public override Task DropPrivilegeAsync(string privilege)
    {
        _server.DropPrivilege(privilege);
        return Task.CompletedTask;
    }

    public override Task<bool> HasAsync(string account, string privilege) => Task.FromResult(_server.Has(account, privilege));

    public override Task GiveAsync(string account, string privilege)
    {
        _server.Give(account, privilege);
        return Task.CompletedTask;
    }

    public override Task TakeAsync(string account, string privilege)
    {
        _server.Take(account, privilege);
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
        Assert.That(_server.Complaints, Is.Empty);
    }
}
