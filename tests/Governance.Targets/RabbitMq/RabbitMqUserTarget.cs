using Governance.Connectors.RabbitMq;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Targets.RabbitMq;

/// <summary>Users of a real broker that are there for a grant.</summary>
public sealed class RabbitMqUserTarget(Broker broker)
    : RabbitMqTarget(
        broker,
        ["PUT /api/users/", "PUT /api/permissions/"],
        ["DELETE /api/permissions/", "DELETE /api/connections/", "DELETE /api/users/"]
    )
{
    public override bool KnowsAccounts => false;

    public static new async Task<ConformanceTarget> CreateAsync() => new RabbitMqUserTarget(await Broker.CreateAsync());

    public override void Register(IServiceCollection services) => Register(services, RabbitMqUserConnector.KindName);

    public override async Task<bool> HasAsync(string account, string privilege) =>
        (await GrantUsersAsync(account, privilege)).Any(user => user.Permitted);

    public override async Task<IReadOnlyList<HeldAccess>> AllAsync()
    {
        var permissions = await Broker.PermissionsAsync();
        var users = await Broker.Management.ListUsersAsync();
        var ofGrants = Broker
            .Users.SelectMany(account => users.Where(user => IsOfGrant(user.Name, account)).Select(user => (account, user.Name)))
            .ToList();
        return
        [
            .. ofGrants.Where(one => permissions.All(row => row.User != one.Name)).Select(one => new HeldAccess(one.account, "", one.Name)),
            .. permissions.Select(row =>
                ofGrants.Find(one => one.Name == row.User) is { account: { } account }
                    ? new HeldAccess(account, Name(row), row.User)
                    : new HeldAccess(row.User, Name(row))
            ),
        ];
    }

    public override async Task TakeAsync(string account, string privilege)
    {
        foreach (var (user, _) in await GrantUsersAsync(account, privilege))
        {
            await Broker.Management.DeleteUserAsync(user);
        }
    }

    public override Task<ITargetSession?> LogInAsync(string account, string privilege) =>
        throw new NotSupportedException("Nobody logs in as the account.");

    public override async Task<ITargetSession?> LogInAsync(Credential credential, string privilege)
    {
        var members = credential.Members.ToDictionary(StringComparer.Ordinal);
        Assert.That(credential.Members.Select(member => member.Key), Is.EqualTo(new[] { "username", "password", "vhost" }));
        Assert.That(members["vhost"], Is.EqualTo(VirtualHost(privilege)));
        return await Broker.LogInAsync(members["username"], members["password"], members["vhost"]);
    }

    public override async Task<bool> ExistsAsync(string account) =>
        (await Broker.Management.ListUsersAsync()).Any(user => user.Name == account);

    private static bool IsOfGrant(string user, string account) =>
        user.StartsWith("governance.", StringComparison.Ordinal) && user.EndsWith("." + account, StringComparison.Ordinal);

    private static async Task<List<(string Name, bool Permitted)>> GrantUsersAsync(string account, string privilege)
    {
        var virtualHost = VirtualHost(privilege);
        var permissions = await Broker.Management.ListPermissionsAsync();
        return
        [
            .. (await Broker.Management.ListUsersAsync())
                .Where(user => IsOfGrant(user.Name, account))
                .Select(user =>
                    (
                        user.Name,
                        permissions.Any(row =>
                            row.User == user.Name && row.VirtualHost == virtualHost && row is { Configure: "^$", Write: "^$", Read: Read }
                        )
                    )
                ),
        ];
    }
}
