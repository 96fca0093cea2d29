using Governance.Connectors.RabbitMq;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Targets.RabbitMq;

/// <summary>Users of a real broker.</summary>
public class RabbitMqTarget(Broker broker, IReadOnlyList<string> giving, IReadOnlyList<string> taking) : ConformanceTarget
{
    protected const string Read = "^" + Broker.Queue + "$";

    private readonly ProxyFaults _faults = new(Broker.Management.Address.Port, giving, taking);

    public override string ConnectionString => broker.ConnectionString(_faults.Proxy.Port);

    public override IReadOnlyList<string> Secrets =>
        [
            broker.AdministratorPassword,
            Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{broker.Administrator}:{broker.AdministratorPassword}")),
        ];

    public override TargetFaults Faults => _faults;

    protected Broker Broker => broker;

    public static async Task<ConformanceTarget> CreateAsync() =>
        new RabbitMqTarget(await Broker.CreateAsync(), ["PUT /api/permissions/"], ["DELETE /api/permissions/", "DELETE /api/connections/"]);

    public override void Register(IServiceCollection services) => Register(services, RabbitMqConnector.KindName);

    public override Task<string?> CreateAccountAsync(string like) => broker.CreateUserAsync(like);

    public override async Task<string?> CreatePrivilegeAsync(string like) =>
        await broker.CreateVirtualHostAsync(like) is { } virtualHost ? Name(virtualHost) : null;

    public override Task DropAccountAsync(string account) => Broker.Management.DeleteUserAsync(account);

    public override Task DropPrivilegeAsync(string privilege) => Broker.Management.DeleteVirtualHostAsync(VirtualHost(privilege));

    public override async Task<bool> HasAsync(string account, string privilege) =>
        await Broker.FindPermissionAsync(account, VirtualHost(privilege)) is { Configure: "^$", Write: "^$", Read: Read };

    public override async Task<IReadOnlyList<HeldAccess>> AllAsync() =>
        [.. (await broker.PermissionsAsync()).Select(row => new HeldAccess(row.User, Name(row)))];

    public override Task GiveAsync(string account, string privilege) =>
        Broker.Management.GrantAsync(VirtualHost(privilege), account, "^$", "^$", Read);

    public override Task TakeAsync(string account, string privilege) => Broker.Management.DenyAsync(VirtualHost(privilege), account);

    public override async Task<ITargetSession?> LogInAsync(string account, string privilege) =>
        await broker.LogInAsync(account, Broker.Password, VirtualHost(privilege));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await broker.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected static void Register(IServiceCollection services, string kind)
    {
        var all = new ServiceCollection().AddRabbitMqConnector().AddRabbitMqUserConnector();
        var wanted = all.Select(service => (ConnectorRegistration)service.ImplementationInstance!).Single(one => one.Kind == kind);
        services.AddSingleton(wanted);
    }

    protected static string VirtualHost(string privilege) =>
        privilege
            .Replace("?read=" + Read, "", StringComparison.Ordinal)
            .Replace("%3F", "?", StringComparison.Ordinal)
            .Replace("%25", "%", StringComparison.Ordinal);

    /// <summary>As in a catalog, where the permission is one that is created here.</summary>
    protected static string Name(PermissionInfo row) =>
        row is { Configure: "^$", Write: "^$", Read: Read }
            ? Name(row.VirtualHost)
            : $"{row.VirtualHost}?{row.Configure} {row.Write} {row.Read}";

    private static string Name(string virtualHost) =>
        virtualHost.Replace("%", "%25", StringComparison.Ordinal).Replace("?", "%3F", StringComparison.Ordinal) + "?read=" + Read;
}
