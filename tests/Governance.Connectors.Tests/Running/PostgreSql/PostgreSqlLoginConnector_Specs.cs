using System.Globalization;
using Governance.Connectors.PostgreSql;
using Governance.Contracts.Lifecycle;
using Governance.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Governance.Connectors.Tests.Running.PostgreSql;

[TestFixture(Cluster.PostgreSql15)]
[TestFixture(Cluster.PostgreSql16)]
[TestFixture(Cluster.PostgreSql17)]
[TestFixture(Cluster.PostgreSql18)]
public sealed class PostgreSqlLoginConnector_Specs(Cluster cluster)
{
    private const string Account = "svc-reporting";
    private const string Heir = "governance_heir";

    private static readonly Guid Holder = new("5f0c5d9e-53f9-4f0f-8d3c-3b1c5a7a9d11");

    private TargetDatabase _target = null!;
    private PostgreSqlLoginConnector _connector = null!;
    private string _privilege = null!;
    private long _revision;

    [OneTimeSetUp]
    public Task RequireAsync() => Clusters.RequireAsync(cluster);

    [SetUp]
    public async Task CreateAsync()
    {
        _target = await Clusters.CreateDatabaseAsync(cluster);
        _connector = Connect(_target.ConnectionString);
        _privilege = TargetDatabase.Unique("readonly");
        _revision = 0;
        await _target.ExecuteAsync(
            $"""
            create role {_privilege};
            create schema work authorization {_privilege};
            create table work.orders as select n from generate_series(1, 10) n;
            alter table work.orders owner to {_privilege};
            """
        );
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        await _connector.DisposeAsync();
        await _target.DisposeAsync();
    }

    [Test]
    public async Task Should_open_what_the_privilege_opens_and_nothing_else()
    {
        var login = await GiveAsync(Guid.NewGuid());
        await using var session = await LogInAsync(login);
        Assert.That(await ReadAsync<long>(session, "select count(*) from work.orders"), Is.EqualTo(10));
        Assert.That(await ReadAsync<string>(session, "select current_user::text"), Is.EqualTo(login.Username));
        Assert.That(await RefusesAsync(session, "create role other"), Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege));
        Assert.That(await RefusesAsync(session, $"grant {_privilege} to public"), Is.Not.Null);
        Assert.That(
            await RefusesAsync(session, $"alter role {TargetDatabase.Quote(login.Username)} valid until 'infinity'"),
            Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege)
        );
    }

    [Test]
    public async Task Should_take_no_password_from_the_leases_end_on_while_the_suite_is_down()
    {
        var grant = Guid.NewGuid();
        var until = Moments.Now(TimeProvider.System).AddSeconds(4);
        var login = await GiveAsync(grant, until);
        await _connector.DisposeAsync();
        await using var session = await LogInAsync(login);

        await Eventually.Until(() => OpensAsync(login), opens => !opens, TimeSpan.FromSeconds(30));
        Assert.That(TimeProvider.System.GetUtcNow(), Is.GreaterThanOrEqualTo(until));
        Assert.That(await ReadAsync<int>(session, "select 1"), Is.EqualTo(1), "What is open goes on, until the suite ends it.");

        await using var again = Connect(_target.ConnectionString);
        await again.ApplyAsync(Desired(), In(30), CancellationToken.None);
        Assert.That(await RefusesAsync(session, "select 1"), Is.Not.Null);
    }

    [Test]
    public async Task Should_end_one_of_two_logins_and_leave_the_other_as_it_is()
    {
        Guid[] grants = [Guid.NewGuid(), Guid.NewGuid()];
        var first = await GiveAsync(grants[0]);
        var second = (await ApplyAsync(Desired(grants) with { CredentialsFor = new HashSet<Guid> { grants[1] } })).Single();
        await using var ending = await LogInAsync(first);
        await using var staying = await LogInAsync(second);

        await ApplyAsync(Desired(grants[1]));
        Assert.That(await RefusesAsync(ending, "select 1"), Is.Not.Null);
        Assert.That(await ReadAsync<long>(staying, "select count(*) from work.orders"), Is.EqualTo(10));
        Assert.That((await OpensAsync(first), await OpensAsync(second)), Is.EqualTo((false, true)));
    }

    [TestCase("begin; alter role current_user password 'mine'")]
    [TestCase("select pg_advisory_lock(hashtextextended(length('{0}') || ':{0}:{1}', 5870421893))")]
    public async Task Should_end_a_login_that_holds_what_ending_it_needs(string hold)
    {
        Guid[] grants = [Guid.NewGuid(), Guid.NewGuid()];
        var login = await GiveAsync(grants[0]);
        var other = (await ApplyAsync(Desired(grants) with { CredentialsFor = new HashSet<Guid> { grants[1] } })).Single();
        await using var staying = await LogInAsync(other);
        await using var session = await LogInAsync(login);
        await ExecuteAsync(session, string.Format(CultureInfo.InvariantCulture, hold, Account, _privilege));

        await _connector.ApplyAsync(Desired(grants[1]), In(10), CancellationToken.None);
        var observed = await _connector.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That(observed.Accounts!.Select(account => account.Grant), Is.EqualTo(new[] { grants[1] }));
        Assert.That(await RefusesAsync(session, "select 1"), Is.Not.Null);
        Assert.That(await OpensAsync(login), Is.False);
        Assert.That(await ReadAsync<int>(staying, "select 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_end_a_login_while_another_one_holds_itself_and_cannot_be_renewed()
    {
        Guid[] grants = [Guid.NewGuid(), Guid.NewGuid()];
        var login = await GiveAsync(grants[0]);
        var other = (await ApplyAsync(Desired(grants) with { CredentialsFor = new HashSet<Guid> { grants[1] } })).Single();
        await using var session = await LogInAsync(other);
        await ExecuteAsync(session, "begin; alter role current_user password 'mine'");

        var renewed = Desired(grants[1]) with { Leases = [new(grants[1], Moments.Now(TimeProvider.System).AddHours(8))] };
        Assert.That(
            () => _connector.ApplyAsync(renewed, In(5), CancellationToken.None),
            Throws
                .TypeOf<ConnectorException>()
                .With.Property("Code")
                .EqualTo(ConnectorErrors.Blocked)
                .And.Message.Contains(FormattableString.Invariant($"pid {session.ProcessID} of {other.Username}"))
        );
        Assert.That(await OpensAsync(login), Is.False);
    }

    [Test]
    public async Task Should_end_logins_that_keep_coming_back_to_hold_themselves()
    {
        var login = await GiveAsync(Guid.NewGuid());
        var hold = $"""
            select pg_try_advisory_lock(hashtextextended('{Account.Length}:{Account}:{_privilege}', 5870421893));
            begin;
            alter role current_user password '{login.Password}';
            select pg_sleep(30);
            """;
        using var enough = new CancellationTokenSource();
        var holding = Enumerable.Range(0, 4).Select(_ => HoldAsync()).ToArray();
        await Eventually.Until(() =>
            _target.ReadAsync<bool>("select exists (select from pg_stat_activity where usename = $1)", login.Username)
        );

        try
        {
            await _connector.ApplyAsync(Desired(), In(20), CancellationToken.None);
        }
        finally
        {
            await enough.CancelAsync();
            await Task.WhenAll(holding);
        }

        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts, Is.Empty);

        async Task HoldAsync()
        {
            while (!enough.IsCancellationRequested)
            {
                try
                {
                    await using var session = await LogInAsync(login);
                    await ExecuteAsync(session, hold);
                }
                catch (NpgsqlException)
                {
                    await Task.Yield();
                }
            }
        }
    }

    // Its options, SET ROLE among them, are taken before any view tells whose the session is.
    [Test]
    public async Task Should_end_a_session_that_is_long_in_beginning()
    {
        var login = await GiveAsync(Guid.NewGuid());
        var hidden = _target.BeginSessionAsync(login.Username, login.Password, $"-c post_auth_delay=20 -c role={_privilege}");
        await _target.HasBegunAsync();

        await ApplyAsync(Desired());

        await using var session = await hidden;
        Assert.That(session is not null && session.FullState.HasFlag(System.Data.ConnectionState.Open), Is.False);
    }

    [Test]
    public async Task Should_renew_without_touching_password_or_session()
    {
        var grant = Guid.NewGuid();
        var soon = Moments.Now(TimeProvider.System).AddMinutes(1);
        var login = await GiveAsync(grant, soon);
        var verifier = await VerifierAsync(login);
        await using var session = await LogInAsync(login);

        await ApplyAsync(Desired(grant) with { Leases = [new(grant, soon.AddHours(8))] });
        Assert.That(await VerifierAsync(login), Is.EqualTo(verifier));
        Assert.That(await ReadAsync<int>(session, "select 1"), Is.EqualTo(1));
        var observed = await _connector.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That(observed.Accounts!.Single().Until, Is.EqualTo(soon.AddHours(8)));
    }

    [Test]
    public async Task Should_give_each_lease_its_own_end()
    {
        Guid[] grants = [Guid.NewGuid(), Guid.NewGuid()];
        var soon = Moments.Now(TimeProvider.System).AddMinutes(1);
        await ApplyAsync(Desired(grants) with { Leases = [new(grants[0], soon), new(grants[1], soon.AddHours(1))] });
        var observed = await _connector.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That(
            observed.Accounts!.ToDictionary(account => account.Grant, account => account.Until),
            Is.EquivalentTo(new Dictionary<Guid, DateTimeOffset?> { [grants[0]] = soon, [grants[1]] = soon.AddHours(1) })
        );
        Assert.That(observed.Until, Is.EqualTo(soon.AddHours(1)));

        await _target.ExecuteAsync($"alter role {observed.Accounts![0].Name} valid until 'infinity'");
        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Until, Is.Null);
        await ApplyAsync(Desired(grants) with { Leases = [new(grants[0], soon), new(grants[1], soon)] });
        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Until, Is.EqualTo(soon));
    }

    [Test]
    public async Task Should_change_the_password_when_asked_and_refuse_the_one_before()
    {
        var grant = Guid.NewGuid();
        var first = await GiveAsync(grant);
        var second = await GiveAsync(grant);
        Assert.That(second.Username, Is.EqualTo(first.Username));
        Assert.That((await OpensAsync(first), await OpensAsync(second)), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task Should_leave_what_was_made_to_a_role_without_rights()
    {
        var grant = Guid.NewGuid();
        var login = await GiveAsync(grant);
        await using (var session = await LogInAsync(login))
        {
            await ExecuteAsync(session, "create table work.invoices as select n from generate_series(1, 3) n");
            await ExecuteAsync(session, "create function work.one() returns int language sql as 'select 1'");
            await ExecuteAsync(session, "alter default privileges grant select on tables to public");
            await ExecuteAsync(session, "select lo_create(0)");
        }

        await _target.ExecuteAsync($"create table public.given (); grant insert on public.given to {login.Username}");
        await ApplyAsync(Desired());

        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts, Is.Empty);
        Assert.That(await _target.ReadAsync<bool>("select exists (select from pg_roles where rolname = $1)", login.Username), Is.False);
        Assert.That(await OwnerAsync("pg_class", "relowner", "relname = 'invoices'"), Is.EqualTo(Heir));
        Assert.That(await OwnerAsync("pg_proc", "proowner", "proname = 'one'"), Is.EqualTo(Heir));
        Assert.That(await OwnerAsync("pg_largeobject_metadata", "lomowner", "true"), Is.EqualTo(Heir));
        Assert.That(
            await _target.ReadAsync<bool>(
                "select exists (select from pg_roles where rolname = $1 and not rolcanlogin and not exists (select from pg_auth_members where member = oid))",
                Heir
            ),
            Is.True
        );
        Assert.That(await _target.ReadAsync<long>("select count(*) from work.invoices"), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_shut_a_login_that_owns_something_elsewhere_and_say_where()
    {
        Guid[] grants = [Guid.NewGuid(), Guid.NewGuid()];
        var login = await GiveAsync(grants[0]);
        await using var session = await LogInAsync(login);
        await using var elsewhere = await Clusters.CreateDatabaseAsync(cluster);
        await elsewhere.ExecuteAsync($"create table public.theirs (); alter table public.theirs owner to {login.Username}");
        var name = new NpgsqlConnectionStringBuilder(elsewhere.ConnectionString).Database!;

        // What another grant gets with the same attempt is not lost.
        var desired = Desired(grants[1]) with
        {
            CredentialsFor = new HashSet<Guid> { grants[1] },
        };
        var other = (await ApplyAsync(desired)).Single();
        Assert.That((await OpensAsync(login), await OpensAsync(other)), Is.EqualTo((false, true)));
        Assert.That(await RefusesAsync(session, "select 1"), Is.Not.Null);
        var observed = await _connector.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That(observed.Accounts!.Select(account => account.Grant), Is.EquivalentTo(grants));

        Assert.That(
            () => ApplyAsync(Desired(grants[1])),
            Throws
                .TypeOf<ConnectorException>()
                .With.Property("Code")
                .EqualTo("refused")
                .And.Property("MayHaveHappened")
                .False.And.Message.Contains(name)
                .And.Message.Contains(login.Username)
        );
        await elsewhere.ExecuteAsync("drop table public.theirs");
        await ApplyAsync(Desired(grants[1]));
        observed = await _connector.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That(observed.Accounts!.Select(account => account.Grant), Is.EqualTo(new[] { grants[1] }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_drop_the_others_when_one_cannot_be_dropped(bool first)
    {
        Guid[] grants = [Guid.NewGuid(), Guid.NewGuid()];
        await ApplyAsync(Desired(grants));
        var accounts = (await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts!;
        var owner = accounts.OrderBy(account => account.Name, StringComparer.Ordinal).ElementAt(first ? 0 : 1);
        await using var elsewhere = await Clusters.CreateDatabaseAsync(cluster);
        await elsewhere.ExecuteAsync($"create table public.theirs (); alter table public.theirs owner to {owner.Name}");

        Assert.That(
            () => ApplyAsync(Desired()),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains(owner.Name)
        );
        var observed = await _connector.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That(observed.Accounts!.Select(account => account.Grant), Is.EqualTo(new[] { owner.Grant }));
        Assert.That(observed.Effective, Is.False);

        await elsewhere.ExecuteAsync("drop table public.theirs");
        await ApplyAsync(Desired());
        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts, Is.Empty);
    }

    [Test]
    public async Task Should_keep_what_was_made_when_the_privilege_is_gone()
    {
        var login = await GiveAsync(Guid.NewGuid());
        await using (var session = await LogInAsync(login))
        {
            await ExecuteAsync(session, "create table work.invoices as select n from generate_series(1, 3) n");
        }

        await _target.ExecuteAsync($"reassign owned by {_privilege} to postgres; drop owned by {_privilege}; drop role {_privilege}");
        await ApplyAsync(Desired());
        Assert.That(await OpensAsync(login), Is.False);
        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts, Is.Empty);
        Assert.That(await _target.ReadAsync<long>("select count(*) from work.invoices"), Is.EqualTo(3));
        Assert.That(await OwnerAsync("pg_class", "relowner", "relname = 'invoices'"), Is.EqualTo(Heir));
    }

    [Test]
    public async Task Should_take_the_rights_from_what_was_made_with_them()
    {
        var login = await GiveAsync(Guid.NewGuid());
        await using (var session = await LogInAsync(login))
        {
            await ExecuteAsync(session, "create view work.copy as select n from work.orders");
            await ExecuteAsync(
                session,
                "create function work.all_of_it() returns bigint security definer language sql as 'select count(*) from work.orders'"
            );
        }

        await using var reader = await _target.OpenAsync();
        Assert.That(await ReadAsync<long>(reader, "select count(*) from work.copy"), Is.EqualTo(10));
        Assert.That(await ReadAsync<long>(reader, "select work.all_of_it()"), Is.EqualTo(10));

        await ApplyAsync(Desired());
        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts, Is.Empty);
        Assert.That(await RefusesAsync(reader, "select count(*) from work.copy"), Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege));
        Assert.That(await RefusesAsync(reader, "select work.all_of_it()"), Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege));
    }

    [Test]
    public async Task Should_leave_with_a_shut_login_what_the_role_without_rights_may_not_own_and_name_it()
    {
        var prefix = TargetDatabase.Unique("l");
        await using var limited = Connect(await LimitedAsync("inherit", "grant pg_signal_backend to {0}", prefix));
        var grant = Guid.NewGuid();
        var given = await limited.ApplyAsync(
            Desired(grant) with
            {
                CredentialsFor = new HashSet<Guid> { grant },
            },
            In(30),
            CancellationToken.None
        );
        var login = Login.Of(((ApplyResult.Applied)given).Credentials.Single());
        await using (var session = await LogInAsync(login))
        {
            await ExecuteAsync(session, "create view work.copy as select n from work.orders");
            await ExecuteAsync(
                session,
                "create function work.all_of_it() returns bigint security definer language sql as 'select count(*) from work.orders'"
            );
        }

        Task Taking() => limited.ApplyAsync(Desired(), In(30), CancellationToken.None);
        Assert.That(
            Taking,
            Throws
                .TypeOf<ConnectorException>()
                .With.Property("Code")
                .EqualTo("refused")
                .And.Message.Contains("work.all_of_it()")
                .And.Message.Contains(login.Username)
        );
        Assert.That(
            await _target.ReadAsync<bool>(
                """
                select not rolcanlogin and rolpassword is null and not exists (select from pg_auth_members m where m.member = a.oid)
                from pg_authid a where rolname = $1
                """,
                login.Username
            ),
            Is.True
        );
        await using var reader = await _target.OpenAsync();
        Assert.That(await RefusesAsync(reader, "select count(*) from work.copy"), Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege));
        Assert.That(await RefusesAsync(reader, "select work.all_of_it()"), Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege));

        await _target.ExecuteAsync("drop function work.all_of_it()");
        await Taking();
        Assert.That((await limited.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts, Is.Empty);
        Assert.That(await OwnerAsync("pg_class", "relowner", "relname = 'copy'"), Is.EqualTo(prefix + "_heir"));
    }

    [Test]
    public async Task Should_name_what_others_gave_to_a_login_and_it_may_not_take_back()
    {
        var prefix = TargetDatabase.Unique("l");
        await using var limited = Connect(await LimitedAsync("inherit", "grant pg_signal_backend to {0}", prefix));
        var grant = Guid.NewGuid();
        var given = await limited.ApplyAsync(
            Desired(grant) with
            {
                CredentialsFor = new HashSet<Guid> { grant },
            },
            In(30),
            CancellationToken.None
        );
        var login = Login.Of(((ApplyResult.Applied)given).Credentials.Single());
        await _target.ExecuteAsync($"create table public.given (); grant insert on public.given to {login.Username}");

        try
        {
            await limited.ApplyAsync(Desired(), In(30), CancellationToken.None);
        }
        catch (ConnectorException e)
        {
            Assert.That(e.Code, Is.EqualTo("refused"));
            Assert.That(e.Message, Does.Contain("table public.given").And.Contain(login.Username));
            Assert.That(await OpensAsync(login), Is.False);
            return;
        }

        Assert.That(
            await _target.ReadAsync<bool>(
                "select coalesce(relacl::text, '') not like '%' || $1 || '%' from pg_class where relname = 'given'",
                login.Username
            ),
            Is.True,
            "It was taken back."
        );
    }

    [Test]
    public async Task Should_leave_nothing_to_a_role_that_has_rights()
    {
        await using var connector = Connect(_target.ConnectionString + ";AccountPrefix=gov_rights");
        var grant = Guid.NewGuid();
        var given = await connector.ApplyAsync(
            Desired(grant) with
            {
                CredentialsFor = new HashSet<Guid> { grant },
            },
            In(30),
            CancellationToken.None
        );
        var login = Login.Of(((ApplyResult.Applied)given).Credentials.Single());
        await using (var session = await LogInAsync(login))
        {
            await ExecuteAsync(session, "create view work.copy as select n from work.orders");
        }

        await _target.ExecuteAsync($"create role gov_rights_heir; grant {_privilege} to gov_rights_heir");
        Assert.That(
            () => connector.ApplyAsync(Desired(), In(30), CancellationToken.None),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains("gov_rights_heir")
        );
        Assert.That(await OpensAsync(login), Is.False);

        await _target.ExecuteAsync($"revoke {_privilege} from gov_rights_heir");
        await connector.ApplyAsync(Desired(), In(30), CancellationToken.None);
        Assert.That((await connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts, Is.Empty);
    }

    [Test]
    public async Task Should_take_the_privilege_from_a_login_that_left_a_prepared_transaction_behind()
    {
        var login = await GiveAsync(Guid.NewGuid());
        await using var session = await LogInAsync(login);
        var hold = await LockHold.BeginAsync(session, "alter role current_user password 'mine'", prepared: true);

        Assert.That(
            () => ApplyAsync(Desired()),
            Throws
                .TypeOf<ConnectorException>()
                .With.Property("Code")
                .EqualTo(ConnectorErrors.Blocked)
                .And.Property("MayHaveHappened")
                .False.And.Message.Contains(hold.Name)
        );
        Assert.That(await RefusesAsync(session, "select 1"), Is.Not.Null);
        await using (var later = await LogInAsync(login))
        {
            Assert.That(
                await RefusesAsync(later, "select count(*) from work.orders"),
                Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege),
                "It can still log in, and reads nothing."
            );
        }

        await _target.ExecuteAsync($"rollback prepared '{hold.Name.Split('\'')[1]}'");
        await ApplyAsync(Desired());
        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts, Is.Empty);
    }

    [Test]
    public async Task Should_shut_a_login_that_left_a_table_in_a_prepared_transaction()
    {
        var login = await GiveAsync(Guid.NewGuid());
        await using var session = await LogInAsync(login);
        await ExecuteAsync(session, "create table work.mine as select n from work.orders");
        var hold = await LockHold.BeginAsync(session, "lock table work.mine", prepared: true);

        Assert.That(
            () => ApplyAsync(Desired()),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo(ConnectorErrors.Blocked).And.Message.Contains(hold.Name)
        );
        Assert.That(await OpensAsync(login), Is.False);
        await _target.ExecuteAsync($"rollback prepared '{hold.Name.Split('\'')[1]}'");
        await ApplyAsync(Desired());
        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts, Is.Empty);
    }

    [TestCase("SQL, DMY", "Asia/Shanghai")]
    [TestCase("German", "America/Sao_Paulo")]
    [TestCase("Postgres, MDY", "Asia/Kolkata")]
    public async Task Should_end_a_login_at_the_same_moment_however_the_target_writes_times(string dateStyle, string timeZone)
    {
        var database = TargetDatabase.Quote(new NpgsqlConnectionStringBuilder(_target.ConnectionString).Database!);
        await _target.ExecuteAsync(
            $"alter database {database} set datestyle = '{dateStyle}'; alter database {database} set timezone = '{timeZone}'"
        );
        await using var connector = Connect(_target.ConnectionString + ";Application Name=elsewhere");
        var grant = Guid.NewGuid();
        var until = Moments.Now(TimeProvider.System).AddHours(5);
        await connector.ApplyAsync(Desired(grant) with { Leases = [new(grant, until)] }, In(30), CancellationToken.None);

        var observed = await connector.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That(observed.Until, Is.EqualTo(until));
        Assert.That(
            await _target.ReadAsync<DateTime>("select rolvaliduntil from pg_roles where rolname = $1", observed.Accounts!.Single().Name),
            Is.EqualTo(until.UtcDateTime)
        );
    }

    [Test]
    public async Task Should_never_show_the_server_a_password()
    {
        var database = TargetDatabase.Quote(new NpgsqlConnectionStringBuilder(_target.ConnectionString).Database!);
        await _target.ExecuteAsync($"alter database {database} set log_statement = 'all'");
        await using var connector = Connect(_target.ConnectionString + ";Application Name=logged");
        var grant = Guid.NewGuid();
        var desired = Desired(grant) with { CredentialsFor = new HashSet<Guid> { grant } };
        var result = await connector.ApplyAsync(desired, In(30), CancellationToken.None);
        var login = Login.Of(((ApplyResult.Applied)result).Credentials.Single());

        var log = await Eventually.Until(_target.ReadLogAsync, text => text.Contains(login.Username, StringComparison.Ordinal));
        Assert.That(log, Does.Contain(await VerifierAsync(login)), "Whatever was sent is in this log.");
        Assert.That(log.Contains(login.Password, StringComparison.Ordinal), Is.False);
        Assert.That(await OpensAsync(login), Is.True);
    }

    [TestCase("inherit")]
    [TestCase("noinherit")]
    public async Task Should_need_no_superuser(string inherits)
    {
        var version = await _target.ReadAsync<int>("select current_setting('server_version_num')::int");
        var prefix = TargetDatabase.Unique("l");
        await using var limited = Connect(await LimitedAsync(inherits, "grant pg_signal_backend to {0}", prefix));
        var grant = Guid.NewGuid();
        var desired = Desired(grant) with { CredentialsFor = new HashSet<Guid> { grant } };
        var result = await limited.ApplyAsync(desired, In(30), CancellationToken.None);
        var login = Login.Of(((ApplyResult.Applied)result).Credentials.Single());
        await using var session = await LogInAsync(login);
        await ExecuteAsync(session, "create table work.invoices ()");
        Assert.That(
            (await ListAsync(limited)).Select(item => item.Privilege),
            Has.None.EqualTo(login.Username),
            "Who makes a role is a member of it, which is nobody's access."
        );

        Task Taking() => limited.ApplyAsync(Desired(), In(30), CancellationToken.None);
        if (inherits == "noinherit" && version < 160000)
        {
            Assert.That(Taking, Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused"));
            Assert.That(await OpensAsync(login), Is.False, "It is shut.");
            return;
        }

        await Taking();
        Assert.That(await RefusesAsync(session, "select 1"), Is.Not.Null);
        Assert.That((await limited.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts, Is.Empty);
        Assert.That(await OwnerAsync("pg_class", "relowner", "relname = 'invoices'"), Is.EqualTo(prefix + "_heir"));
        Assert.That(
            await _target.ReadAsync<long>(
                "select count(*) from pg_auth_members where roleid = $1::regrole and not admin_option and member <> $1::regrole",
                _privilege
            ),
            Is.Zero,
            "What it lent itself is given back."
        );
    }

    [Test]
    public async Task Should_shut_a_login_also_without_the_right_to_end_its_sessions()
    {
        var prefix = TargetDatabase.Unique("l");
        await using var limited = Connect(await LimitedAsync("inherit", "", prefix));
        var grant = Guid.NewGuid();
        var desired = Desired(grant) with { CredentialsFor = new HashSet<Guid> { grant } };
        var result = await limited.ApplyAsync(desired, In(30), CancellationToken.None);
        var login = Login.Of(((ApplyResult.Applied)result).Credentials.Single());
        await using var session = await LogInAsync(login);

        Assert.That(
            () => limited.ApplyAsync(Desired(), In(30), CancellationToken.None),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains("pg_signal_backend")
        );
        Assert.That(await OpensAsync(login), Is.False);
        Assert.That(await RefusesAsync(session, "select count(*) from work.orders"), Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege));
        Assert.That((await limited.ReadAsync(Account, _privilege, CancellationToken.None)).Direct, Is.True, "It can't be dropped yet.");

        await using var able = Connect(_target.ConnectionString + ";AccountPrefix=" + prefix);
        await able.ApplyAsync(Desired(), In(30), CancellationToken.None);
        Assert.That((await able.ReadAsync(Account, _privilege, CancellationToken.None)).Direct, Is.False);
    }

    [Test]
    public async Task Should_leave_alone_what_another_installation_made()
    {
        await using var other = Connect(_target.ConnectionString + ";AccountPrefix=gov_2");
        var theirs = Guid.NewGuid();
        await other.ApplyAsync(Desired(theirs), In(30), CancellationToken.None);
        await ApplyAsync(Desired(Guid.NewGuid()));
        await ApplyAsync(Desired());

        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts, Is.Empty);
        var observed = await other.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That(observed.Accounts!.Select(account => account.Grant), Is.EqualTo(new[] { theirs }));
    }

    [Test]
    public async Task Should_not_take_the_roles_of_others_for_its_own()
    {
        var grant = Guid.NewGuid();
        await ApplyAsync(Desired(grant));
        var ours = (await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts!.Single().Name;
        var note = await _target.ReadAsync<string>("select shobj_description($1::regrole, 'pg_authid')", ours);
        string[] others =
        [
            ours.ToUpperInvariant(),
            ours[..^1],
            ours[..^1] + (ours[^1] == '0' ? '1' : '0'),
            "x" + ours[1..],
            "x_" + ours,
            TargetDatabase.Unique("governance_svc"),
        ];
        foreach (var other in others)
        {
            var quoted = TargetDatabase.Quote(other);
            await _target.ExecuteAsync($"create role {quoted} login; grant {_privilege} to {quoted}; comment on role {quoted} is '{note}'");
        }

        try
        {
            var observed = await _connector.ReadAsync(Account, _privilege, CancellationToken.None);
            Assert.That(observed.Accounts!.Select(account => account.Name), Is.EqualTo(new[] { ours }));
            var listed = (await ListAsync(_connector)).Where(item => item.Privilege == _privilege);
            Assert.That(listed.Select(item => item.Account), Is.EquivalentTo(others.Append(Account)));
            await ApplyAsync(Desired());
            Assert.That(
                await _target.ReadAsync<long>("select count(*) from pg_roles where rolname = any ($1)", (object)others),
                Is.EqualTo(others.Length)
            );
        }
        finally
        {
            foreach (var other in others)
            {
                await _target.ExecuteAsync("drop role " + TargetDatabase.Quote(other));
            }
        }
    }

    [Test]
    public async Task Should_list_and_remove_what_an_attempt_left_shut()
    {
        var grant = Guid.NewGuid();
        await ApplyAsync(Desired(grant));
        var name = (await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts!.Single().Name;
        await _target.ExecuteAsync($"alter role {name} nologin; revoke {_privilege} from {name}");

        var listed = (await ListAsync(_connector)).Where(item => item.Account == Account).ToList();
        Assert.That(listed.Select(item => (item.Privilege, item.Marker)), Has.Member((_privilege, $"grant {grant}")));
        var observed = await _connector.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((true, false)));
        await ApplyAsync(Desired());
        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Direct, Is.False);
    }

    [Test]
    public async Task Should_end_a_login_whatever_it_is_called_now()
    {
        var grant = Guid.NewGuid();
        var login = await GiveAsync(grant);
        var renamed = await RenameAsync(login);
        await using var session = await LogInAsync(renamed);

        await using (var restarted = Connect(_target.ConnectionString))
        {
            foreach (var connector in (PostgreSqlLoginConnector[])[_connector, restarted])
            {
                var observed = await connector.ReadAsync(Account, _privilege, CancellationToken.None);
                Assert.That((observed.Direct, observed.Effective), Is.EqualTo((true, true)));
                Assert.That(observed.Accounts!.Select(account => (account.Grant, account.Name)), Is.EqualTo([(grant, renamed.Username)]));
                Assert.That(observed.Marker, Does.Contain(renamed.Username));
            }
        }

        await ApplyAsync(Desired());
        Assert.That(await RefusesAsync(session, "select 1"), Is.Not.Null);
        Assert.That(await ExistsAsync(renamed.Username), Is.False);
        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Direct, Is.False);
    }

    [Test]
    public async Task Should_end_a_renamed_login_and_not_the_other_one_which_is_renamed_too()
    {
        Guid[] grants = [Guid.NewGuid(), Guid.NewGuid()];
        var ending = await RenameAsync(await GiveAsync(grants[0]));
        var given = (await ApplyAsync(Desired(grants) with { CredentialsFor = new HashSet<Guid> { grants[1] } })).Single();
        var staying = await RenameAsync(given);

        await ApplyAsync(Desired(grants[1]));
        var observed = await _connector.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That(observed.Accounts!.Select(account => (account.Grant, account.Name)), Is.EqualTo([(grants[1], staying.Username)]));
        Assert.That(await ExistsAsync(ending.Username), Is.False);
        Assert.That(await OpensAsync(staying), Is.True);
    }

    [Test]
    public async Task Should_keep_a_renamed_login_shut_that_has_what_nobody_can_take_over()
    {
        var login = await RenameAsync(await GiveAsync(Guid.NewGuid()));
        await using var elsewhere = await Clusters.CreateDatabaseAsync(cluster);
        await elsewhere.ExecuteAsync($"create table public.theirs (); alter table public.theirs owner to {login.Username}");

        Assert.That(
            () => ApplyAsync(Desired()),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains(login.Username)
        );
        Assert.That(await OpensAsync(login), Is.False);
        var observed = await _connector.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((true, false)));

        await elsewhere.ExecuteAsync("drop table public.theirs");
        await ApplyAsync(Desired());
        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Direct, Is.False);
    }

    [Test]
    public async Task Should_give_a_renamed_login_its_end_but_no_password_under_another_name()
    {
        var grant = Guid.NewGuid();
        var login = await GiveAsync(grant);
        var renamed = await RenameAsync(login);
        var later = Moments.Now(TimeProvider.System).AddHours(8);
        await ApplyAsync(Desired(grant) with { Leases = [new(grant, later)] });

        var account = (await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Accounts!.Single();
        Assert.That((account.Name, account.Until), Is.EqualTo((renamed.Username, (DateTimeOffset?)later)));
        Assert.That(await OpensAsync(renamed), Is.True);
        Assert.That(
            () => GiveAsync(grant),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains(login.Username)
        );
    }

    [Test]
    public async Task Should_know_the_logins_of_a_version_before_by_their_oids()
    {
        var login = await GiveAsync(Guid.NewGuid());
        await _target.ExecuteAsync("alter table governance.holdings drop column logins");
        await using (var newer = Connect(_target.ConnectionString))
        {
            await newer.ApplyAsync(Desired() with { Account = "svc-other" }, In(30), CancellationToken.None);
        }

        var renamed = await RenameAsync(login);
        Assert.That((await _connector.ReadAsync(Account, _privilege, CancellationToken.None)).Direct, Is.True);
        await ApplyAsync(Desired());
        Assert.That(await ExistsAsync(renamed.Username), Is.False);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_not_touch_who_has_got_the_oid_of_a_login(bool withThePrivilege)
    {
        var login = await GiveAsync(Guid.NewGuid());
        var other = TargetDatabase.Unique("other");
        await _target.ExecuteAsync(
            $"""
            drop role {login.Username};
            create role {other} login;
            comment on role {other} is 'somebody else';
            update governance.holdings set logins = jsonb_build_object('{other}'::regrole::oid::text, '{login.Username}')
            """
        );
        if (withThePrivilege)
        {
            await _target.ExecuteAsync($"grant {_privilege} to {other}");
            Assert.That(
                () => ApplyAsync(Desired()),
                Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains(other)
            );
        }
        else
        {
            await ApplyAsync(Desired());
        }

        var observed = await _connector.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((withThePrivilege, withThePrivilege)));
        Assert.That(
            await _target.ReadAsync<bool>(
                """
                select rolcanlogin and $3 = exists (select from pg_auth_members where member = r.oid and roleid = $2::regrole)
                from pg_roles r where rolname = $1
                """,
                other,
                _privilege,
                withThePrivilege
            ),
            Is.True
        );
        await _target.ExecuteAsync($"drop role {other}");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_not_give_what_another_role_opens_that_bears_the_privileges_name(bool isThere)
    {
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var login = await GiveAsync(first);
        var renamed = TargetDatabase.Unique("renamed");
        await _target.ExecuteAsync(
            $"alter role {_privilege} rename to {renamed}; create role {_privilege}; create table work.other (); grant select on work.other to {_privilege}"
        );
        if (!isThere)
        {
            // What it was given by is gone: the name is whoever bears it.
            await _target.ExecuteAsync($"drop owned by {renamed} cascade; drop role {renamed}");
            await ApplyAsync(Desired(first, second));
            Assert.That(await MembersAsync(), Is.EqualTo(2));
            return;
        }

        Assert.That(
            () => ApplyAsync(Desired(first, second)),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains(renamed)
        );
        Assert.That(await MembersAsync(), Is.Zero);
        Assert.That(await OpensAsync(login), Is.True, "It has what it was given.");

        await ApplyAsync(Desired());
        Assert.That(await OpensAsync(login), Is.False);
        await ApplyAsync(Desired(second));
        Assert.That(await MembersAsync(), Is.EqualTo(1), "Once it was taken away, the name is whoever bears it.");

        Task<long> MembersAsync() =>
            _target.ReadAsync<long>("select count(*) from pg_auth_members where roleid = $1::regrole and not admin_option", _privilege);
    }

    [TestCase("", 100)]
    [TestCase(";ConnectionLimit=2", 2)]
    public async Task Should_let_a_login_have_so_many_connections(string setting, int limit)
    {
        await using var connector = Connect(_target.ConnectionString + setting);
        var grant = Guid.NewGuid();
        var desired = Desired(grant) with { CredentialsFor = new HashSet<Guid> { grant } };
        var result = await connector.ApplyAsync(desired, In(30), CancellationToken.None);
        var login = Login.Of(((ApplyResult.Applied)result).Credentials.Single());

        Assert.That(
            await _target.ReadAsync<int>("select rolconnlimit from pg_roles where rolname = $1", login.Username),
            Is.EqualTo(limit)
        );
        if (limit == 2)
        {
            await using var first = await LogInAsync(login);
            await using var second = await LogInAsync(login);
            Assert.That(() => LogInAsync(login), Throws.InstanceOf<PostgresException>().With.Property("SqlState").EqualTo("53300"));
        }
    }

    [Test]
    public async Task Should_tell_of_a_login_that_was_renamed_where_only_names_are_known()
    {
        var prefix = TargetDatabase.Unique("l");
        var limited = await LimitedAsync("inherit", "grant pg_signal_backend to {0}", prefix);
        var suite = new NpgsqlConnectionStringBuilder(limited.Replace(";AccountPrefix=" + prefix, "", StringComparison.Ordinal));
        await _target.ExecuteAsync($"revoke create on database {TargetDatabase.Quote(suite.Database!)} from {suite.Username}");
        await using var unfenced = Connect(limited);
        var grant = Guid.NewGuid();
        var desired = Desired(grant) with { CredentialsFor = new HashSet<Guid> { grant } };
        var result = await unfenced.ApplyAsync(desired, In(30), CancellationToken.None);
        var renamed = await RenameAsync(Login.Of(((ApplyResult.Applied)result).Credentials.Single()));

        await unfenced.ApplyAsync(Desired(), In(30), CancellationToken.None);
        var observed = await unfenced.ReadAsync(Account, _privilege, CancellationToken.None);
        Assert.That((observed.Direct, observed.Effective, observed.Fenced), Is.EqualTo((false, true, (bool?)false)));
        Assert.That(observed.Paths, Has.One.Contains(renamed.Username));
        await _target.ExecuteAsync($"drop role {renamed.Username}");
        Assert.That((await unfenced.ReadAsync(Account, _privilege, CancellationToken.None)).Effective, Is.False);
    }

    [TestCase("AccountPrefix=Upper")]
    [TestCase("AccountPrefix=pg_x")]
    [TestCase("AccountPrefix=9a")]
    [TestCase("AccountPrefix=fourteen_chars")]
    [TestCase("AccountPrefix=a b")]
    [TestCase("EndSessions=false")]
    [TestCase("ConnectionLimit=0")]
    [TestCase("ConnectionLimit=10001")]
    [TestCase("ConnectionLimit=many")]
    public void Should_refuse_settings_that_name_no_prefix(string setting)
    {
        var settings = Settings("Host=h;Database=d;Username=u;" + setting);
        Assert.That(PostgreSqlSettings.ValidatePerGrant(settings), Is.Not.Empty);
        Assert.That(
            () => new PostgreSqlLoginConnector(settings, TimeProvider.System, NullLogger<PostgreSqlLoginConnector>.Instance),
            Throws.ArgumentException
        );
    }

    private static ConnectorSettings Settings(string connectionString) =>
        new()
        {
            Target = "orders-db",
            ConnectionString = connectionString,
            Concurrency = 4,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };

    private static PostgreSqlLoginConnector Connect(string connectionString) =>
        new(Settings(connectionString), TimeProvider.System, NullLogger<PostgreSqlLoginConnector>.Instance);

    private static AttemptDeadline In(double seconds) => AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(seconds));

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<T> ReadAsync<T>(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<string?> RefusesAsync(NpgsqlConnection session, string sql)
    {
        try
        {
            await ExecuteAsync(session, sql);
            return null;
        }
        catch (NpgsqlException e)
        {
            return e.SqlState ?? "broken";
        }
        catch (InvalidOperationException)
        {
            return "closed";
        }
    }

    private DesiredHolding Desired(params Guid[] grants) =>
        new()
        {
            Holder = Holder,
            Account = Account,
            Privilege = _privilege,
            Revision = ++_revision,
            Leases = [.. grants.Select(grant => new Lease(grant, Moments.Now(TimeProvider.System).AddHours(1)))],
        };

    private static async Task<List<ListedHolding>> ListAsync(PostgreSqlLoginConnector connector)
    {
        List<ListedHolding> found = [];
        string? token = null;
        do
        {
            var page = await connector.ListAsync(token, CancellationToken.None);
            found.AddRange(page.Items);
            token = page.NextPageToken;
        } while (token is not null);

        return found;
    }

    private async Task<List<Login>> ApplyAsync(DesiredHolding desired)
    {
        var result = await _connector.ApplyAsync(desired, In(30), CancellationToken.None);
        return [.. ((ApplyResult.Applied)result).Credentials.Select(Login.Of)];
    }

    private async Task<Login> GiveAsync(Guid grant, DateTimeOffset? until = null)
    {
        var desired = Desired(grant) with { CredentialsFor = new HashSet<Guid> { grant } };
        var logins = await ApplyAsync(until is { } end ? desired with { Leases = [new(grant, end)] } : desired);
        return logins.Single();
    }

    private Task<NpgsqlConnection> LogInAsync(Login login) => _target.LogInAsync(login.Username, login.Password);

    private async Task<bool> OpensAsync(Login login)
    {
        try
        {
            await using var session = await LogInAsync(login);
            return true;
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            return false;
        }
    }

    /// <summary>As an administrator does it.</summary>
    private async Task<Login> RenameAsync(Login login)
    {
        var renamed = login with { Username = TargetDatabase.Unique("renamed") };
        await _target.ExecuteAsync($"alter role {login.Username} rename to {renamed.Username}");
        return renamed;
    }

    private Task<bool> ExistsAsync(string role) => _target.ReadAsync<bool>("select exists (select from pg_roles where rolname = $1)", role);

    private Task<string> VerifierAsync(Login login) =>
        _target.ReadAsync<string>("select rolpassword from pg_authid where rolname = $1", login.Username);

    private Task<string> OwnerAsync(string catalog, string owner, string which) =>
        _target.ReadAsync<string>($"select pg_get_userbyid({owner})::text from {catalog} where {which} limit 1");

    private async Task<string> LimitedAsync(string inherits, string right, string prefix)
    {
        var name = TargetDatabase.Unique("suite");
        var builder = new NpgsqlConnectionStringBuilder(_target.ConnectionString) { Username = name, Password = "p" };
        await _target.ExecuteAsync(
            $"""
            create role {name} login createrole {inherits} password 'p';
            grant {_privilege} to {name} with admin option;
            grant create on database {TargetDatabase.Quote(builder.Database!)} to {name};
            {string.Format(CultureInfo.InvariantCulture, right, name)};
            """
        );
        // The role that inherits is one of whoever made it.
        return builder.ConnectionString + ";AccountPrefix=" + prefix;
    }

    private sealed record Login(string Username, string Password)
    {
        public static Login Of(Credential credential)
        {
            var members = credential.Members.ToDictionary(StringComparer.Ordinal);
            return new(members["username"], members["password"]);
        }
    }
}
