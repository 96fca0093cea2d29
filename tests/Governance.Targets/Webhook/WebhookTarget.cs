using Governance.Connectors.Webhook;
using Governance.Targets.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Targets.Webhook;

/// <summary>A receiver that verifies and fences.</summary>
public sealed class WebhookTarget : ServerTarget
{
    private WebhookTarget(WebhookServer server)
        : base(server, "holding.desired", "holding.desired") { }

    public override string ConnectionString =>
        $"Url=http://127.0.0.1:{Port}/holdings;ReadUrl=\"http://127.0.0.1:{Port}/state?tenant=a%20b\";"
        + $"AllowHttp=true;AllowNetworks=127.0.0.0/8;Secrets={WebhookServer.Secret}";

    public override IReadOnlyList<string> Secrets => [WebhookServer.Secret, WebhookServer.Secret["whsec_".Length..]];

    public static async Task<WebhookTarget> CreateAsync() => new(await WebhookServer.StartAsync());

    public override void Register(IServiceCollection services) => services.AddWebhookConnector();
}
