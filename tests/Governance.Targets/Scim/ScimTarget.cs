using Governance.Connectors.Scim;
using Governance.Targets.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Targets.Scim;

/// <summary>A strict service provider.</summary>
public sealed class ScimTarget : ServerTarget
{
    private readonly string _more;

    private ScimTarget(ScimServer server, string more)
        : base(server, "\"add\"", "\"remove\"") => _more = more;

    public override string ConnectionString => $"Url=http://127.0.0.1:{Port}/scim/v2;AllowHttp=true;Token={ScimServer.Token};{_more}";

    public override IReadOnlyList<string> Secrets => [ScimServer.Token];

    public static async Task<ScimTarget> CreateAsync(bool likesValues)
    {
        var server = await ScimServer.StartAsync();
        (server.TakesPath, server.TakesValue, server.ReturnsMembers, server.HasVersions) = (
            !likesValues,
            likesValues,
            !likesValues,
            !likesValues
        );
        return new ScimTarget(server, likesValues ? "Removal=value;Membership=filter" : "");
    }

    public override void Register(IServiceCollection services) => services.AddScimConnector();
}
