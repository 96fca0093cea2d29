using Governance.Connectors.Scim;
using Governance.Connectors.Tests.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Connectors.Tests.Scim;

/// <summary>A strict service provider.</summary>
public sealed class ScimTarget : ServerTarget
{
    private readonly ScimServer _server;
    private readonly string _more;

    private ScimTarget(ScimServer server, string more)
        : base(server.Port, "\"add\"", "\"remove\"")
    {
        _server = server;
        _more = more;
    }

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

    public override Task<string?> CreateAccountAsync(string like)
    {
        var name = Unique(like);
        _server.CreateUser(name);
        return Task.FromResult<string?>(name);
    }

    public override Task<string?> CreatePrivilegeAsync(string like)
    {
        var name = Unique(like);
        _server.CreateGroup(name);
        return Task.FromResult<string?>(name);
    }

    public override Task DropAccountAsync(string account)
    {
        _server.DeleteUser(account);
        return Task.CompletedTask;
    }

    public override Task DropPrivilegeAsync(string privilege)
    {
        _server.DeleteGroup(privilege);
        return Task.CompletedTask;
    }

    public override Task<bool> HasAsync(string account, string privilege) => Task.FromResult(_server.IsMember(account, privilege));

    public override Task GiveAsync(string account, string privilege)
    {
        _server.Join(account, privilege);
        return Task.CompletedTask;
    }

    public override Task TakeAsync(string account, string privilege)
    {
        _server.Leave(account, privilege);
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
        Assert.That(_server.Complaints, Is.Empty);
    }
}
