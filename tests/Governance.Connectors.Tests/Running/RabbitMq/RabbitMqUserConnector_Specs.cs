using System.Security.Cryptography;
using System.Text;
using Governance.Connectors.RabbitMq;
using Governance.Contracts.Lifecycle;
using Governance.Targets;
using Governance.Targets.RabbitMq;
using Governance.Testing;

namespace Governance.Connectors.Tests.Running.RabbitMq;

public sealed class RabbitMqUserConnector_Specs
{
    private Broker _broker = null!;
    private FaultProxy _proxy = null!;
    private RabbitMqUserConnector _connector = null!;
    private string _virtualHost = null!;

    private string Privilege => _virtualHost + "?read=^inbox$";

    [SetUp]
    public async Task CreateAsync()
    {
        _broker = await Broker.CreateAsync();
        _proxy = FaultProxy.Start(Broker.Management.Address.Port);
        _connector = Connect(_broker.ConnectionString(_proxy.Port));
        _virtualHost = (await _broker.CreateVirtualHostAsync("orders"))!;
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        await _connector.DisposeAsync();
        await _proxy.DisposeAsync();
        foreach (var user in await GrantUsersAsync())
        {
            await Broker.Management.DeleteUserAsync(user.Name);
        }

        await _broker.DisposeAsync();
    }

    [Test]
    public async Task Should_make_users_without_password_and_tags_unless_a_credential_is_asked_for()
    {
        Guid[] grants = [Guid.NewGuid(), Guid.NewGuid()];
        var credential = (await ApplyAsync(Wanted(grants) with { CredentialsFor = new HashSet<Guid> { grants[0] } })).Single();

        var users = await GrantUsersAsync();
        var asked = users.Single(user => user.Name.Contains(grants[0].ToString(), StringComparison.Ordinal));
        var other = users.Single(user => user.Name.Contains(grants[1].ToString(), StringComparison.Ordinal));
        Assert.That((asked.Tags, other.Tags), Is.EqualTo((Array.Empty<string>(), Array.Empty<string>())));
        Assert.That(other.PasswordHash, Is.Empty);
        Assert.That(await _broker.LogInAsync(other.Name, "", _virtualHost), Is.Null);

        var members = credential.Members.ToDictionary(StringComparer.Ordinal);
        var (salt, hash) = Split(Convert.FromBase64String(asked.PasswordHash));
        Assert.That(hash, Is.EqualTo(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(members["password"])])));
        Assert.That(members["password"], Has.Length.EqualTo(43), "256 bits.");
        Assert.That(members["username"], Is.EqualTo(asked.Name));
    }

    [Test]
    public async Task Should_make_another_password_and_salt_each_time()
    {
        var grant = Guid.NewGuid();
        var desired = Wanted(grant) with { CredentialsFor = new HashSet<Guid> { grant } };
        var passwords = new HashSet<string>(StringComparer.Ordinal);
        var hashes = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 5; i++)
        {
            passwords.Add((await ApplyAsync(desired)).Single().Members.Single(member => member.Key == "password").Value);
            hashes.Add((await GrantUsersAsync()).Single().PasswordHash);
        }

        Assert.That((passwords.Count, hashes.Count), Is.EqualTo((5, 5)));
    }

    [Test]
    public async Task Should_hold_several_privileges_on_a_virtual_host_beside_each_other()
    {
        var write = _virtualHost + "?write=.*";
        await ApplyAsync(Wanted(Guid.NewGuid()));
        await ApplyAsync(Wanted(Guid.NewGuid()) with { Privilege = write });
        Assert.That((await ReadAsync()).Direct, Is.True);

        await ApplyAsync(Wanted() with { Privilege = write });
        Assert.That((await ReadAsync()).Direct, Is.True);
        Assert.That((await _connector.ReadAsync("svc", write, CancellationToken.None)).Direct, Is.False);
    }

    [Test]
    public async Task Should_leave_alone_what_another_installation_made()
    {
        await using var other = Connect(_broker.ConnectionString(_proxy.Port) + ";AccountPrefix=governance-2");
        var theirs = Guid.NewGuid();
        await other.ApplyAsync(Wanted(theirs), In(30), CancellationToken.None);
        await ApplyAsync(Wanted(Guid.NewGuid()));
        await ApplyAsync(Wanted());

        Assert.That((await ReadAsync()).Accounts, Is.Empty);
        var observed = await other.ReadAsync("svc", Privilege, CancellationToken.None);
        Assert.That(observed.Accounts!.Select(account => account.Grant), Is.EqualTo(new[] { theirs }));
    }

    [Test]
    public async Task Should_not_take_the_users_of_others_for_its_own()
    {
        var grant = Guid.NewGuid();
        await ApplyAsync(Wanted(grant));
        var ours = (await GrantUsersAsync()).Single().Name;
        string[] others =
        [
            ours.Replace(grant.ToString(), grant.ToString().ToUpperInvariant(), StringComparison.Ordinal),
            ours.Replace(grant.ToString(), grant.ToString("N"), StringComparison.Ordinal),
            ours.Replace(".svc", ".svc2", StringComparison.Ordinal),
            ours[..^4],
            "governance.svc",
            "x" + ours,
        ];
        foreach (var other in others)
        {
            await Broker.Management.CreateUserAsync(other, "p");
            await Broker.Management.GrantAsync(_virtualHost, other, "^$", "^$", "^inbox$");
        }

        try
        {
            Assert.That((await ReadAsync()).Accounts!.Select(account => account.Name), Is.EqualTo(new[] { ours }));
            await ApplyAsync(Wanted());
            var left = (await Broker.Management.ListUsersAsync()).Select(user => user.Name).ToList();
            Assert.That(others, Is.SubsetOf(left));
            Assert.That(left, Has.None.EqualTo(ours));
        }
        finally
        {
            foreach (var other in others)
            {
                await Broker.Management.DeleteUserAsync(other);
            }
        }
    }

    [Test]
    public async Task Should_tell_of_a_permission_that_an_administrator_took_and_give_it_again()
    {
        var grant = Guid.NewGuid();
        await ApplyAsync(Wanted(grant));
        var user = (await GrantUsersAsync()).Single().Name;
        await Broker.Management.DenyAsync(_virtualHost, user);
        var observed = await ReadAsync();
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((true, false)));

        await ApplyAsync(Wanted(grant));
        Assert.That((await ReadAsync()).Effective, Is.True);
        await Broker.Management.GrantAsync(_virtualHost, user, ".*", ".*", ".*");
        await ApplyAsync(Wanted(grant));
        Assert.That((await Broker.FindPermissionAsync(user, _virtualHost))?.Write, Is.EqualTo("^$"), "Not more than was granted.");
    }

    [Test]
    public async Task Should_end_a_user_that_an_administrator_let_in_elsewhere()
    {
        var grant = Guid.NewGuid();
        var members = (await ApplyAsync(Wanted(grant) with { CredentialsFor = new HashSet<Guid> { grant } }))
            .Single()
            .Members.ToDictionary(StringComparer.Ordinal);
        var other = (await _broker.CreateVirtualHostAsync("ledger"))!;
        await Broker.Management.GrantAsync(other, members["username"], "^$", "^$", ".*");
        await using var session = (await _broker.LogInAsync(members["username"], members["password"], other))!;

        await ApplyAsync(Wanted());
        Assert.That(session.IsOpen, Is.False);
        Assert.That(await _broker.LogInAsync(members["username"], members["password"], other), Is.Null);
    }

    [TestCase("PUT /api/users/")]
    [TestCase("PUT /api/permissions/")]
    public async Task Should_open_nothing_with_a_call_that_arrives_after_the_grant_has_ended(string call)
    {
        await using var connector = Connect(_broker.ConnectionString(Broker.Management.Address.Port));
        _proxy.HoldRequestWith(call);
        var grant = Guid.NewGuid();
        Assert.That(
            () => _connector.ApplyAsync(Wanted(grant), In(1), CancellationToken.None),
            Throws.TypeOf<ConnectorException>().With.Property("MayHaveHappened").True
        );
        Assert.That(_proxy.Triggered, Is.EqualTo(1));
        await connector.ApplyAsync(Wanted(), In(30), CancellationToken.None);
        Assert.That((await connector.ReadAsync("svc", Privilege, CancellationToken.None)).Accounts, Is.Empty);

        var answered = _proxy.Answered;
        _proxy.LetGo();
        await Eventually.Until(() => Task.FromResult(_proxy.Answered), Is.GreaterThan(answered));
        var observed = await connector.ReadAsync("svc", Privilege, CancellationToken.None);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((call.Contains("users", StringComparison.Ordinal), false)));
        Assert.That(
            (await Broker.Management.ListPermissionsAsync()).Where(row => row.User.StartsWith("governance.", StringComparison.Ordinal)),
            Is.Empty
        );
    }

    private static (byte[] Salt, byte[] Hash) Split(byte[] stored) => (stored[..4], stored[4..]);

    private static RabbitMqUserConnector Connect(string connectionString) =>
        new(
            new ConnectorSettings
            {
                Target = "orders-broker",
                ConnectionString = connectionString,
                Concurrency = 4,
                ConnectTimeout = TimeSpan.FromSeconds(5),
            },
            TimeProvider.System
        );

    private static AttemptDeadline In(double seconds) => AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(seconds));

    private static async Task<IReadOnlyList<UserInfo>> GrantUsersAsync() =>
        [
            .. (await Broker.Management.ListUsersAsync()).Where(user =>
                user.Name.StartsWith("governance", StringComparison.Ordinal) && user.Name.Contains('.', StringComparison.Ordinal)
            ),
        ];

    private DesiredHolding Wanted(params Guid[] grants) =>
        new()
        {
            Holder = Guid.NewGuid(),
            Account = "svc",
            Privilege = Privilege,
            Revision = 1,
            Leases = [.. grants.Select(grant => new Lease(grant, Moments.Now(TimeProvider.System).AddHours(1)))],
        };

    private async Task<IReadOnlyList<Credential>> ApplyAsync(DesiredHolding desired) =>
        ((ApplyResult.Applied)await _connector.ApplyAsync(desired, In(30), CancellationToken.None)).Credentials;

    private Task<ObservedHolding> ReadAsync() => _connector.ReadAsync("svc", Privilege, CancellationToken.None);
}
