using Governance.Connectors.RabbitMq;
using Governance.Contracts.Lifecycle;
using Governance.Targets;
using Governance.Targets.RabbitMq;
using Governance.Testing;

namespace Governance.Connectors.Tests.Running.RabbitMq;

public sealed class RabbitMqConnector_Specs
{
    private Broker _broker = null!;
    private RabbitMqConnector _connector = null!;

    [SetUp]
    public async Task CreateAsync()
    {
        _broker = await Broker.CreateAsync();
        _connector = Connect(_broker.ConnectionString(Broker.Management.Address.Port));
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        await _connector.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Test]
    public async Task Should_read_back_what_narrows_a_permission_at_topic_exchanges()
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        var privilege = virtualHost + "?write=.*&read=.*";
        await ApplyAsync(account, privilege, wanted: true);
        Assert.That((await ReadAsync(account, privilege)).Narrowed, Is.Empty);

        await Broker.Management.SetTopicPermissionAsync(virtualHost, account, "amq.topic", write: "^none$", read: "^orders\\.");

        var observed = await ReadAsync(account, privilege);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((true, true)));
        Assert.That(
            observed.Narrowed,
            Is.EqualTo(new[] { "at the exchange 'amq.topic' only routing keys that match write '^none$', read '^orders\\.'" })
        );
    }

    [Test]
    public async Task Should_give_nothing_with_a_user_that_may_take_nothing_away()
    {
        var user = (await _broker.CreateUserAsync("monitor"))!;
        await Broker.Management.CreateUserAsync(user, Broker.Password, "monitoring");
        await using var limited = Connect($"Url={Broker.Management.Address};AllowHttp=true;Username={user};Password={Broker.Password}");

        var preflight = await limited.PreflightAsync([], CancellationToken.None);

        Assert.That(preflight.Obstacles, Has.One.Contains("needs the tag administrator"));
        Assert.That(preflight.Identity, Does.StartWith("rabbitmq:"));
    }

    [TestCase("", "^$", "^$", "^$")]
    [TestCase("?read=.*", "^$", "^$", ".*")]
    [TestCase("?write=^orders\\.", "^$", "^orders\\.", "^$")]
    [TestCase("?configure=^a%26b$&write=^a=b?c$&read=100%25|ä 測🔑", "^a&b$", "^a=b?c$", "100%|ä 測🔑")]
    [TestCase("?configure=%09&read=[/#+;\"']", "\t", "^$", "[/#+;\"']")]
    public async Task Should_permit_exactly_what_the_name_says(string suffix, string configure, string write, string read)
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        var privilege = virtualHost + suffix;
        await ApplyAsync(account, privilege, wanted: true);

        var row = await Broker.FindPermissionAsync(account, virtualHost);
        Assert.That((row!.Configure, row.Write, row.Read), Is.EqualTo((configure, write, read)));
        Assert.That((await ReadAsync(account, privilege)).Direct, Is.True);
        Assert.That(
            (await _connector.ListAsync(null, CancellationToken.None)).Items.Where(item => item.Account == account),
            Is.EqualTo(
                new[]
                {
                    new ListedHolding { Account = account, Privilege = privilege },
                }
            )
        );

        await ApplyAsync(account, privilege, wanted: false);
        Assert.That(await Broker.FindPermissionAsync(account, virtualHost), Is.Null);
    }

    [Test]
    public async Task Should_know_the_default_virtual_host()
    {
        var account = await _broker.CreateUserAsync("svc");
        await ApplyAsync(account!, "/?read=^none$", wanted: true);
        Assert.That((await Broker.FindPermissionAsync(account!, "/"))?.Read, Is.EqualTo("^none$"));
    }

    [TestCase("?")]
    [TestCase("?read")]
    [TestCase("?read=")]
    [TestCase("?read=^$")]
    [TestCase("?Read=.*")]
    [TestCase("?read=.*&")]
    [TestCase("?read=.*&write=.*")]
    [TestCase("?read=a&read=b")]
    [TestCase("?read=.*&topic=.*")]
    [TestCase("?read=50%")]
    [TestCase("?read=%61")]
    [TestCase("?read=%c3%a4")]
    [TestCase("?read=\t")]
    [TestCase("?read=(")]
    public async Task Should_refuse_what_is_no_permission_or_not_written_the_one_way(string suffix)
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        var failure = await FailAsync(account, virtualHost + suffix);

        Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo((ConnectorErrors.UnknownPrivilege, false)));
        Assert.That((await ReadAsync(account, virtualHost + suffix)).Direct, Is.False);
        Assert.That(await Broker.FindPermissionAsync(account, virtualHost), Is.Null);
    }

    [Test]
    public async Task Should_refuse_half_a_character()
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        var half = "\ud83d";
        Assert.That((await FailAsync(account, virtualHost + "?read=" + half)).Code, Is.EqualTo(ConnectorErrors.UnknownPrivilege));
        Assert.That((await FailAsync(account, half)).Code, Is.EqualTo(ConnectorErrors.UnknownPrivilege));
        Assert.That((await FailAsync(account + half, virtualHost)).Code, Is.EqualTo(ConnectorErrors.UnknownAccount));
    }

    [TestCase(".")]
    [TestCase("..")]
    public async Task Should_never_ask_for_a_name_that_leads_elsewhere(string name)
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        await ApplyAsync(account, virtualHost + "?read=.*", wanted: true);
        var users = await Broker.Management.ListUsersAsync();
        var permissions = await Broker.Management.ListPermissionsAsync();

        foreach (var (of, at) in new[] { (name, virtualHost), (account, name), (name, name) })
        {
            Assert.That((await FailAsync(of, at + "?read=.*")).Code, Does.StartWith("unknown-"));
            Assert.That((await ReadAsync(of, at + "?read=.*")).Effective, Is.False);
            await ApplyAsync(of, at + "?read=.*", wanted: false);
        }

        Assert.That((await Broker.Management.ListUsersAsync()).Select(user => user.Name), Is.EquivalentTo(users.Select(user => user.Name)));
        Assert.That(await Broker.Management.ListPermissionsAsync(), Is.EquivalentTo(permissions));
    }

    [Test]
    public async Task Should_refuse_a_second_permission_on_a_virtual_host_and_leave_the_first_alone()
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        await ApplyAsync(account, virtualHost + "?read=^inbox$", wanted: true);

        var failure = await FailAsync(account, virtualHost + "?write=.*");
        Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo((ConnectorErrors.Refused, false)));
        Assert.That(failure.Message, Does.Contain(virtualHost + "?read=^inbox$"));

        await ApplyAsync(account, virtualHost + "?write=.*", wanted: false);
        Assert.That((await ReadAsync(account, virtualHost + "?read=^inbox$")).Direct, Is.True);
    }

    [TestCase("?configure=.*&write=.*&read=.*", true)]
    [TestCase("?write=.*", false)]
    public async Task Should_tell_of_another_permission_that_may_permit_the_same(string other, bool may)
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        await ApplyAsync(account, virtualHost + other, wanted: true);

        var observed = await ReadAsync(account, virtualHost + "?read=^inbox$");
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, may)));
        Assert.That(observed.Paths, Is.EqualTo(may ? new[] { $"the permission {virtualHost}{other}" } : []));
    }

    [Test]
    public async Task Should_close_connections_to_the_virtual_host_only()
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        var other = (await _broker.CreateVirtualHostAsync("ledger"))!;
        await ApplyAsync(account, virtualHost + "?read=^inbox$", wanted: true);
        await ApplyAsync(account, other + "?read=^inbox$", wanted: true);
        await using var first = (await _broker.LogInAsync(account, Broker.Password, virtualHost))!;
        await using var second = (await _broker.LogInAsync(account, Broker.Password, virtualHost))!;
        await using var elsewhere = (await _broker.LogInAsync(account, Broker.Password, other))!;

        await ApplyAsync(account, virtualHost + "?read=^inbox$", wanted: false);
        Assert.That((first.IsOpen, second.IsOpen), Is.EqualTo((false, false)));
        Assert.That(await elsewhere.WorksAsync(), Is.True);
        Assert.That(await _broker.LogInAsync(account, Broker.Password, virtualHost), Is.Null);
    }

    [Test]
    public async Task Should_tell_of_a_connection_that_outlives_its_permission()
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        var privilege = virtualHost + "?read=^inbox$";
        await ApplyAsync(account, privilege, wanted: true);
        await using var session = (await _broker.LogInAsync(account, Broker.Password, virtualHost))!;
        await Broker.Management.DenyAsync(virtualHost, account);

        var observed = await ReadAsync(account, privilege);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, true)));
        Assert.That(observed.Paths, Is.EqualTo(new[] { "an open connection" }));
        await ApplyAsync(account, privilege, wanted: false);
        Assert.That((await ReadAsync(account, privilege)).Effective, Is.False);
        Assert.That(session.IsOpen, Is.False);
    }

    [Test]
    public async Task Should_close_connections_that_remember_a_permission_in_whose_place_another_one_is()
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        var privilege = $"{virtualHost}?read=^{Broker.Queue}$";
        await ApplyAsync(account, privilege, wanted: true);
        await using var session = (await _broker.LogInAsync(account, Broker.Password, virtualHost))!;
        Assert.That(await session.WorksAsync(), Is.True);
        await Broker.Management.DenyAsync(virtualHost, account);
        await Broker.Management.GrantAsync(virtualHost, account, "^$", "^other$", "^$");
        Assert.That(await session.WorksAsync(), Is.True, "This is why.");

        await ApplyAsync(account, privilege, wanted: false);
        Assert.That(session.IsOpen, Is.False);
        Assert.That((await Broker.FindPermissionAsync(account, virtualHost))!.Write, Is.EqualTo("^other$"));
        Assert.That((await ReadAsync(account, privilege)).Effective, Is.False);
    }

    [Test]
    public async Task Should_not_wait_for_connections_that_return_under_another_permission()
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        await Broker.Management.GrantAsync(virtualHost, account, "^$", "^other$", "^$");
        using var enough = new CancellationTokenSource();
        var connected = 0;
        var returning = Enumerable.Range(0, 3).Select(_ => ReturnAsync()).ToArray();
        await Eventually.Until(() => Task.FromResult(Volatile.Read(ref connected)), Is.EqualTo(3));

        await _connector.ApplyAsync(Desired(account, virtualHost + "?read=.*", wanted: false), In(10), CancellationToken.None);
        await Eventually.Until(() => Task.FromResult(Volatile.Read(ref connected)), Is.GreaterThanOrEqualTo(6));
        await enough.CancelAsync();
        await Task.WhenAll(returning);

        async Task ReturnAsync()
        {
            while (!enough.IsCancellationRequested)
            {
                await using var session = (await _broker.LogInAsync(account, Broker.Password, virtualHost))!;
                Interlocked.Increment(ref connected);
                while (session.IsOpen && !enough.IsCancellationRequested)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
                }
            }
        }
    }

    [TestCase("monitoring")]
    [TestCase("management")]
    public async Task Should_say_refused_when_it_is_no_administrator(string tags)
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        await Broker.Management.CreateUserAsync(_broker.Administrator, _broker.AdministratorPassword, tags);
        var failure = await FailAsync(account, virtualHost + "?read=.*");

        Assert.That((failure.Code, failure.MayHaveHappened), Is.EqualTo((ConnectorErrors.Refused, false)));
        Assert.That(() => ReadAsync(account, virtualHost + "?read=.*"), Throws.TypeOf<ConnectorException>());
        Assert.That(() => _connector.ListAsync(null, CancellationToken.None), Throws.TypeOf<ConnectorException>());
    }

    [Test]
    public async Task Should_not_take_a_wrong_address_for_absence()
    {
        var (account, virtualHost) = await CreateAsync("svc", "orders");
        await ApplyAsync(account, virtualHost + "?read=.*", wanted: true);
        var elsewhere = _broker.ConnectionString(Broker.Management.Address.Port).Replace("/;", "/elsewhere/;", StringComparison.Ordinal);
        await using var connector = Connect(elsewhere);

        Assert.That(
            () => connector.ReadAsync(account, virtualHost + "?read=.*", CancellationToken.None),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo(ConnectorErrors.Refused)
        );
        Assert.That(
            () => connector.ApplyAsync(Desired(account, virtualHost + "?read=.*", wanted: false), In(10), CancellationToken.None),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo(ConnectorErrors.Refused)
        );
    }

    [Test]
    public async Task Should_list_page_by_page_also_with_names_that_are_no_text()
    {
        const int many = 520;
        var virtualHost = (await _broker.CreateVirtualHostAsync("orders"))!;
        var users = await Task.WhenAll(Enumerable.Range(0, many).Select(_ => _broker.CreateUserAsync("svc")));
        await Task.WhenAll(users.Select(user => Broker.Management.GrantAsync(virtualHost, user!, "^$", "^$", ".*")));
        await _broker.CreateUserThatIsNoTextAsync(virtualHost);

        List<ListedHolding> found = [];
        string? token = null;
        var pages = 0;
        do
        {
            var page = await _connector.ListAsync(token, CancellationToken.None);
            found.AddRange(page.Items);
            token = page.NextPageToken;
            pages++;
        } while (token is not null);

        Assert.That(pages, Is.GreaterThan(1));
        Assert.That(
            found.Where(item => item.Privilege == virtualHost + "?read=.*").Select(item => item.Account),
            Is.EquivalentTo(users.Append("\ufffd("))
        );
        Assert.That(found.Select(item => (item.Account, item.Privilege)), Is.Unique);
        Assert.That(found.Select(item => item.Account), Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
    }

    private static RabbitMqConnector Connect(string connectionString) =>
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

    private static DesiredHolding Desired(string account, string privilege, bool wanted) =>
        new()
        {
            Holder = Guid.NewGuid(),
            Account = account,
            Privilege = privilege,
            Revision = 1,
            Leases = wanted ? [new Lease(Guid.NewGuid(), Moments.Now(TimeProvider.System).AddHours(1))] : [],
        };

    private static AttemptDeadline In(double seconds) => AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(seconds));

    private async Task<(string Account, string VirtualHost)> CreateAsync(string account, string virtualHost) =>
        ((await _broker.CreateUserAsync(account))!, (await _broker.CreateVirtualHostAsync(virtualHost))!);

    private Task<ApplyResult> ApplyAsync(string account, string privilege, bool wanted) =>
        _connector.ApplyAsync(Desired(account, privilege, wanted), In(30), CancellationToken.None);

    private async Task<ConnectorException> FailAsync(string account, string privilege) =>
        (await Assert.ThrowsAsync<ConnectorException>(() => ApplyAsync(account, privilege, wanted: true)))!;

    private Task<ObservedHolding> ReadAsync(string account, string privilege) =>
        _connector.ReadAsync(account, privilege, CancellationToken.None);
}
