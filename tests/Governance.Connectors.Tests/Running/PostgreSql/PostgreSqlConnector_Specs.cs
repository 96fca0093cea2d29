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
public sealed class PostgreSqlConnector_Specs(Cluster cluster)
{
    private static readonly Guid Holder = new("0d5c4d0e-7f0b-4d5a-9a80-0d3f5b1f3c11");

    private TargetDatabase _target = null!;
    private PostgreSqlConnector _connector = null!;

    [OneTimeSetUp]
    public Task RequireAsync() => Clusters.RequireAsync(cluster);

    [SetUp]
    public async Task CreateAsync()
    {
        _target = await Clusters.CreateDatabaseAsync(cluster);
        _connector = Connect(_target.ConnectionString);
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        await _connector.DisposeAsync();
        await _target.DisposeAsync();
    }

    [Test]
    public async Task Should_say_what_it_could_not_take_away()
    {
        var name = TargetDatabase.Unique("suite");
        var (given, other) = (await _target.CreateBindingAsync(), await _target.CreateBindingAsync());
        await _target.ExecuteAsync($"create role {name} login password 'p'; grant {given.Privilege} to {name} with admin option");
        await using var limited = Connect(As(name));
        TargetPlace[] places = [new(given.Account, given.Privilege), new(other.Account, other.Privilege), new("nobody", "no such role")];

        var before = await limited.PreflightAsync(places, CancellationToken.None);
        Assert.That(before.Obstacles, Has.One.Contains("GRANT pg_signal_backend"));
        Assert.That(before.Places.Select(one => one.Place), Is.EqualTo(new[] { places[1] }));
        Assert.That(before.Places[0].Reason, Does.Contain("WITH ADMIN OPTION"));

        await _target.ExecuteAsync($"grant pg_signal_backend to {name}; grant {other.Privilege} to {name} with admin option");
        var after = await limited.PreflightAsync(places, CancellationToken.None);
        Assert.That((after.Obstacles.Count, after.Places.Count), Is.EqualTo((0, 0)));
        Assert.That(
            after.Identity,
            Does.StartWith("postgresql:").And.EndsWith("/" + new NpgsqlConnectionStringBuilder(_target.ConnectionString).Database)
        );
        Assert.That((await limited.ReadAsync(given.Account, given.Privilege, CancellationToken.None)).Identity, Is.EqualTo(after.Identity));
    }

    [Test]
    public async Task Should_give_nothing_at_a_server_that_takes_no_changes()
    {
        await using var standby = Connect(
            new NpgsqlConnectionStringBuilder(_target.ConnectionString) { Options = "-c default_transaction_read_only=on" }.ConnectionString
        );
        Assert.That((await standby.PreflightAsync([], CancellationToken.None)).Obstacles, Has.One.Contains("read-only"));
    }

    [Test]
    public async Task Should_refuse_a_revision_lower_than_one_that_was_applied()
    {
        var binding = await _target.CreateBindingAsync();
        await ApplyAsync(binding, revision: 5, wanted: false);

        Assert.That(
            () => ApplyAsync(binding, revision: 4, wanted: true),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Property("MayHaveHappened").False
        );
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
        await ApplyAsync(binding, revision: 5, wanted: false);
        await ApplyAsync(binding, revision: 6, wanted: true);
        Assert.That(await _target.IsMemberAsync(binding), Is.True);
    }

    [Test]
    public async Task Should_compare_revisions_of_one_holder_only()
    {
        var binding = await _target.CreateBindingAsync();
        await ApplyAsync(binding, revision: 5, wanted: false);
        await ApplyAsync(binding, revision: 1, wanted: true, holder: Guid.NewGuid());
        Assert.That(await _target.IsMemberAsync(binding), Is.True);
    }

    [Test]
    public async Task Should_send_nothing_when_the_time_is_over()
    {
        var binding = await _target.CreateBindingAsync();
        Assert.That(
            () =>
                _connector.ApplyAsync(
                    Desired(binding, 1, wanted: true),
                    AttemptDeadline.After(TimeProvider.System, TimeSpan.Zero),
                    CancellationToken.None
                ),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("timeout")
        );
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_give_nothing_while_somebody_holds_it_up_and_say_who(bool prepared)
    {
        var binding = await _target.CreateBindingAsync();
        await using var administrator = await _target.OpenAsync();
        await using var hold = await HoldAsync(administrator, $"grant {binding.Privilege} to {binding.Account}", prepared);

        // No cancellation from our side: the server's own clock ends it.
        Assert.That(
            () => ApplyAsync(binding, revision: 1, wanted: true),
            Throws.TypeOf<ConnectorException>().With.Matches(IsBlockedBy(hold))
        );
        await hold.EndAsync();
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
        await ApplyAsync(binding, revision: 1, wanted: true);
        Assert.That(await _target.IsMemberAsync(binding), Is.True);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_say_who_holds_up_a_removal(bool prepared)
    {
        var binding = await _target.CreateBindingAsync();
        await ApplyAsync(binding, revision: 1, wanted: true);
        await using var administrator = await _target.OpenAsync();
        await using var hold = await HoldAsync(administrator, $"revoke {binding.Privilege} from {binding.Account}", prepared);

        Assert.That(
            () => ApplyAsync(binding, revision: 2, wanted: false),
            Throws.TypeOf<ConnectorException>().With.Matches(IsBlockedBy(hold))
        );
        await hold.EndAsync();
        Assert.That(await _target.IsMemberAsync(binding), Is.True);
        Assert.That(
            () => ApplyAsync(binding, revision: 1, wanted: true),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused"),
            "The fence was raised all the same."
        );
        await ApplyAsync(binding, revision: 2, wanted: false);
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
    }

    [Test]
    public async Task Should_take_away_while_somebody_holds_the_fence_and_try_that_again()
    {
        var binding = await CreateLoginAsync();
        await ApplyAsync(binding, revision: 1, wanted: true);
        await using var session = await LogInAsync(binding, $"set role {binding.Privilege}");
        await using var administrator = await _target.OpenAsync();
        await using var hold = await HoldAsync(
            administrator,
            $"select from governance.holdings where account = '{binding.Account}' for update",
            prepared: false
        );

        Assert.That(
            () => ApplyAsync(binding, revision: 2, wanted: false),
            Throws.TypeOf<ConnectorException>().With.Matches(IsBlockedBy(hold))
        );
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
        Assert.That(await WorksAsync(session, "select 1"), Is.False);
        await hold.EndAsync();
        await ApplyAsync(binding, revision: 2, wanted: false);
        Assert.That(
            await _target.ReadAsync<long>("select revision from governance.holdings where account = $1", binding.Account),
            Is.EqualTo(2)
        );
    }

    [Test]
    public async Task Should_take_away_from_an_account_that_holds_its_own_privilege()
    {
        var binding = await CreateLoginAsync();
        var other = await _target.CreateBindingAsync();
        await ApplyAsync(binding, revision: 1, wanted: true);
        await _target.ExecuteAsync($"grant {binding.Privilege} to {binding.Account} with admin option");
        await using var session = await LogInAsync(binding, $"begin; grant {binding.Privilege} to {other.Account}");

        await ApplyAsync(binding, revision: 2, wanted: false);
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
        Assert.That(await WorksAsync(session, "select 1"), Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_not_be_done_by_a_server_that_hears_of_it_after_the_hard_end(bool late)
    {
        await using var proxy = FaultProxy.Start(_target.Port);
        var binding = await _target.CreateBindingAsync();
        await using var connector = Connect(_target.Through(proxy));
        proxy.HoldRequestWith("statement_timeout");
        var deadline = AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(3));
        var outcome = connector
            .ApplyAsync(Desired(binding, 1, wanted: true), deadline, CancellationToken.None)
            .ContinueWith(ended => ended.Exception?.InnerException as ConnectorException, TaskScheduler.Default);
        await Eventually.Until(() => Task.FromResult(proxy.Triggered), Is.EqualTo(1));
        if (late)
        {
            await Eventually.Until(() => Task.FromResult(deadline.Remaining), Is.EqualTo(TimeSpan.Zero));
        }

        proxy.LetGo();
        var failure = await outcome;
        Assert.That((failure?.Code, failure?.MayHaveHappened), Is.EqualTo(late ? ("timeout", (bool?)false) : (null, null)));
        Assert.That(await _target.IsMemberAsync(binding), Is.EqualTo(!late));
    }

    [TestCase("o'brien \"svc\"", "read\"only")]
    [TestCase("dienst-größe-測試", "rôle")]
    [TestCase("a\"; drop role x; --", "$apply$ %I %s")]
    [TestCase("Select", "USER")]
    public async Task Should_take_names_as_they_are(string account, string privilege)
    {
        var binding = await _target.CreateBindingAsync(account: account, privilege: privilege);
        await ApplyAsync(binding, revision: 1, wanted: true);
        Assert.That(await _target.IsMemberAsync(binding), Is.True);
        Assert.That((await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None)).Direct, Is.True);

        await ApplyAsync(binding, revision: 2, wanted: false);
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
    }

    [TestCase("", "unknown-account")]
    [TestCase("nul\0name", "unknown-account")]
    [TestCase("sixty-four-bytes-and-more-which-the-server-would-cut-silently-0123", "unknown-account")]
    [TestCase("größe-größe-größe-größe-größe-größe-größe-größe-größe-größe-123", "unknown-account")]
    public void Should_refuse_names_that_no_role_can_have(string account, string code) =>
        Assert.That(
            () =>
                _connector.ApplyAsync(
                    Desired(
                        new()
                        {
                            Target = "t",
                            Account = account,
                            Privilege = "p",
                        },
                        1,
                        wanted: true
                    ),
                    AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(5)),
                    CancellationToken.None
                ),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo(code)
        );

    [Test]
    public async Task Should_work_unfenced_when_it_may_not_keep_a_table_there()
    {
        var binding = await _target.CreateBindingAsync();
        var (name, limited) = await LimitedAsync(binding, mayCreate: false);
        await using var connector = Connect(limited);
        await connector.ApplyAsync(
            Desired(binding, 2, wanted: true),
            AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(5)),
            CancellationToken.None
        );

        Assert.That(await _target.IsMemberAsync(binding), Is.True);
        Assert.That(await _target.ReadAsync<bool>("select to_regclass('governance.holdings') is null"), Is.True, name);
        Assert.That((await connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None)).Fenced, Is.False);
        Assert.That(connector.Capabilities.Fencing, Is.False);
    }

    [Test]
    public async Task Should_be_fenced_in_a_schema_that_it_was_given_and_could_not_make()
    {
        var binding = await _target.CreateBindingAsync();
        var (name, limited) = await LimitedAsync(binding, mayCreate: false);
        await _target.ExecuteAsync($"create schema governance authorization {name}");
        await using var connector = Connect(limited);
        Assert.That((await connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None)).Fenced, Is.Null);
        await connector.ApplyAsync(Desired(binding, 2, wanted: true), InAMoment(), CancellationToken.None);

        Assert.That((await connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None)).Fenced, Is.True);
        Assert.That(connector.Capabilities.Fencing, Is.True);
        Assert.That(
            () => connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused")
        );
    }

    [Test]
    public async Task Should_go_on_with_the_fence_of_a_version_before_and_know_who_was_renamed_since()
    {
        var binding = await _target.CreateBindingAsync();
        await _target.ExecuteAsync(
            $"""
            create schema governance;
            create table governance.holdings (account text not null, privilege text not null, holder uuid not null, revision bigint not null,
                changed_at timestamptz not null, constraint holdings_pkey primary key (account, privilege, holder));
            insert into governance.holdings values ('{binding.Account}', '{binding.Privilege}', '{Holder}', 5, now());
            grant {binding.Privilege} to {binding.Account};
            """
        );
        Assert.That(
            () => ApplyAsync(binding, revision: 4, wanted: false),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused")
        );
        var renamed = await RenameAsync(binding, account: true);
        await ApplyAsync(binding, revision: 6, wanted: false);
        Assert.That(await _target.IsMemberAsync(renamed), Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_take_away_from_whoever_it_was_given_to_whatever_he_is_called_now(bool account)
    {
        var binding = await CreateLoginAsync();
        await ApplyAsync(binding, revision: 1, wanted: true);
        var renamed = await RenameAsync(binding, account);
        await using var session = await LogInAsync(renamed, $"set role {renamed.Privilege}");

        var observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((true, true)));
        Assert.That(observed.Marker, Does.Contain($"{renamed.Account} in {renamed.Privilege}"));
        await ApplyAsync(binding, revision: 2, wanted: false);
        Assert.That(await _target.IsMemberAsync(renamed), Is.False);
        Assert.That((await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None)).Direct, Is.False);
        Assert.That(await WorksAsync(session, "select 1"), Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_give_nothing_to_whoever_bears_the_name_now(bool account)
    {
        var binding = await _target.CreateBindingAsync();
        await ApplyAsync(binding, revision: 1, wanted: true);
        var renamed = await RenameAsync(binding, account);
        await _target.ExecuteAsync($"create role {(account ? binding.Account : binding.Privilege)} login");

        Assert.That(
            () => ApplyAsync(binding, revision: 2, wanted: true),
            Throws
                .TypeOf<ConnectorException>()
                .With.Property("Code")
                .EqualTo("refused")
                .And.Message.Contains(account ? renamed.Account : renamed.Privilege)
        );
        Assert.That((await _target.IsMemberAsync(binding), await _target.IsMemberAsync(renamed)), Is.EqualTo((false, true)));

        await ApplyAsync(binding, revision: 3, wanted: false);
        Assert.That((await _target.IsMemberAsync(binding), await _target.IsMemberAsync(renamed)), Is.EqualTo((false, false)));
        await ApplyAsync(binding, revision: 4, wanted: true);
        Assert.That(
            (await _target.IsMemberAsync(binding), await _target.IsMemberAsync(renamed)),
            Is.EqualTo((true, false)),
            "Given anew, the name is whoever bears it."
        );
    }

    [Test]
    public async Task Should_give_again_to_an_account_that_was_dropped_and_made_anew()
    {
        var binding = await _target.CreateBindingAsync();
        await ApplyAsync(binding, revision: 1, wanted: true);
        await _target.ExecuteAsync($"drop role {binding.Account}; create role {binding.Account} login");
        await ApplyAsync(binding, revision: 2, wanted: true);
        Assert.That(await _target.IsMemberAsync(binding), Is.True);
        var renamed = await RenameAsync(binding, account: true);
        await ApplyAsync(binding, revision: 3, wanted: false);
        Assert.That(await _target.IsMemberAsync(renamed), Is.False);
    }

    [Test]
    public async Task Should_give_nothing_to_a_superuser_and_take_away_what_one_has()
    {
        var binding = await _target.CreateBindingAsync();
        await ApplyAsync(binding, revision: 1, wanted: true);
        await _target.ExecuteAsync($"alter role {binding.Account} superuser");
        Assert.That(
            () => ApplyAsync(binding, revision: 2, wanted: true),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains("superuser")
        );
        await ApplyAsync(binding, revision: 3, wanted: false);
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
    }

    [Test]
    public async Task Should_say_before_an_attempt_whom_nothing_is_given_to()
    {
        var binding = await _target.CreateBindingAsync();
        var (name, limited) = await LimitedAsync(binding, mayCreate: true);
        var (boss, group, superuser) = (TargetDatabase.Unique("boss"), TargetDatabase.Unique("group"), TargetDatabase.Unique("super"));
        await _target.ExecuteAsync(
            $"""
            grant pg_signal_backend to {name};
            create role {boss};
            create role {group};
            create role {superuser} superuser;
            grant {binding.Privilege} to {boss} with admin option;
            grant {group} to {name};
            revoke {binding.Privilege} from {name};
            set role {boss};
            grant {binding.Privilege} to {group} with admin option;
            """
        );
        await using var connector = Connect(limited);
        string[] accounts = [binding.Account, name, group, superuser, boss, "nobody"];

        var preflight = await connector.PreflightAsync(
            [.. accounts.Select(account => new TargetPlace(account, binding.Privilege))],
            CancellationToken.None
        );
        var refused = preflight.Places.ToDictionary(one => one.Place.Account, one => one.Reason, StringComparer.Ordinal);
        Assert.That(preflight.Obstacles, Is.Empty);
        Assert.That(refused.Keys, Is.EquivalentTo([name, group, superuser, boss]));
        Assert.That(refused[superuser], Does.Contain("superuser"));
        Assert.That(refused[group], Does.Contain("right to grant comes from " + group));
        foreach (var account in accounts[..^1])
        {
            var gives = GivesAsync(connector, binding with { Account = account });
            Assert.That(await gives, Is.EqualTo(!refused.ContainsKey(account)), "What is said before is what the attempt does: " + account);
        }
    }

    private static async Task<bool> GivesAsync(PostgreSqlConnector connector, TargetBinding binding)
    {
        try
        {
            await connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None);
            return true;
        }
        catch (ConnectorException e) when (e.Code == ConnectorErrors.Refused)
        {
            return false;
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_never_take_away_its_own_right_to_take_away(bool byGroup)
    {
        var binding = await _target.CreateBindingAsync();
        var (name, limited) = await LimitedAsync(binding, mayCreate: true);
        await _target.ExecuteAsync($"grant pg_signal_backend to {name}");
        var holder = name;
        if (byGroup)
        {
            holder = TargetDatabase.Unique("administrators");
            await _target.ExecuteAsync(
                $"""
                create role {holder};
                revoke {binding.Privilege} from {name};
                grant {binding.Privilege} to {holder} with admin option;
                grant {holder} to {name};
                """
            );
        }

        await using var connector = Connect(limited);
        var own = binding with { Account = holder };
        await connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None);
        foreach (var wanted in new[] { true, false })
        {
            Assert.That(
                () => connector.ApplyAsync(Desired(own, 1, wanted), InAMoment(), CancellationToken.None),
                Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains(holder)
            );
        }

        Assert.That(await _target.IsMemberAsync(own), Is.True);
        await connector.ApplyAsync(Desired(binding, 2, wanted: false), InAMoment(), CancellationToken.None);
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
    }

    [TestCase("", true)]
    [TestCase(";EndSessions=members", false)]
    public async Task Should_end_or_name_the_sessions_of_members_that_may_go_on(string setting, bool goesOn)
    {
        var binding = await CreateLoginAsync();
        var member = await CreateLoginAsync();
        await _target.ExecuteAsync($"grant {binding.Account} to {member.Account}");
        await using var connector = Connect(_target.ConnectionString + setting);
        await connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None);
        await using var session = await LogInAsync(member, $"set role {binding.Privilege}");

        var result = await connector.ApplyAsync(Desired(binding, 2, wanted: false), InAMoment(), CancellationToken.None);
        var goingOn = ((ApplyResult.Applied)result).StillEffectiveBy;
        Assert.That(await WorksAsync(session, "select n from things"), Is.EqualTo(goesOn));
        Assert.That(goingOn, Has.Count.EqualTo(goesOn ? 1 : 0));
        if (goesOn)
        {
            Assert.That(goingOn[0], Does.Contain(FormattableString.Invariant($"pid {session.ProcessID} of {member.Account}")));
            await session.CloseAsync();
            await Eventually.Until(async () =>
            {
                result = await connector.ApplyAsync(Desired(binding, 2, wanted: false), InAMoment(), CancellationToken.None);
                return ((ApplyResult.Applied)result).StillEffectiveBy.Count == 0;
            });
        }
    }

    // Its options, SET ROLE among them, are taken before any view tells whose the session is.
    [TestCase("", false)]
    [TestCase(";EndSessions=false", true)]
    public async Task Should_end_or_name_a_session_that_is_long_in_beginning(string setting, bool goesOn)
    {
        var (binding, other) = (await CreateLoginAsync(), await CreateLoginAsync());
        var (name, limited) = await LimitedAsync(binding, mayCreate: true);
        await _target.ExecuteAsync($"grant pg_signal_backend to {name}");
        await using var connector = Connect(limited + setting);
        await connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None);
        // A third of the time is waited for those who are to go on.
        var (delay, deadline) = goesOn ? (5, 3) : (20, 10);
        var hidden = _target.BeginSessionAsync(binding.Account, "p", $"-c post_auth_delay={delay} -c role={binding.Privilege}");
        await _target.HasBegunAsync();
        var innocent = goesOn ? null : _target.BeginSessionAsync(other.Account, "p", "-c post_auth_delay=1");

        var result = await connector.ApplyAsync(
            Desired(binding, 2, wanted: false),
            AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(deadline)),
            CancellationToken.None
        );

        await using var session = await hidden;
        Assert.That(session is not null && await WorksAsync(session, "select n from things"), Is.EqualTo(goesOn));
        Assert.That(
            ((ApplyResult.Applied)result).StillEffectiveBy.Select(path => path.Contains("session pid", StringComparison.Ordinal)),
            Is.EqualTo(goesOn ? new[] { true } : [])
        );
        if (innocent is not null)
        {
            await using var works = await innocent;
            Assert.That(works is not null && await WorksAsync(works, "select 1"), Is.True, "somebody else's goes on");
        }
    }

    [TestCase("", false)]
    [TestCase(";EndSessions=false", true)]
    public async Task Should_end_or_name_the_sessions_of_an_account_that_was_dropped_meanwhile(string setting, bool goesOn)
    {
        var binding = await CreateLoginAsync();
        await using var connector = Connect(_target.ConnectionString + setting);
        await connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None);
        await using var session = await LogInAsync(binding, $"set role {binding.Privilege}");
        await _target.ExecuteAsync($"drop role {binding.Account}; create role {binding.Account} login");

        var result = await connector.ApplyAsync(Desired(binding, 2, wanted: false), InAMoment(), CancellationToken.None);

        var goingOn = ((ApplyResult.Applied)result).StillEffectiveBy;
        Assert.That(await WorksAsync(session, "select n from things"), Is.EqualTo(goesOn));
        Assert.That(
            goingOn.Select(path =>
                path.Contains(FormattableString.Invariant($"pid {session.ProcessID} of a role that was dropped"), StringComparison.Ordinal)
            ),
            Is.EqualTo(goesOn ? new[] { true } : [])
        );
    }

    [Test]
    public async Task Should_name_what_the_account_has_prepared_and_may_commit_later()
    {
        var binding = await CreateLoginAsync();
        await _target.ExecuteAsync($"grant insert on things to {binding.Privilege}");
        await ApplyAsync(binding, revision: 1, wanted: true);
        var gid = TargetDatabase.Unique("late");
        await using (var session = await LogInAsync(binding, $"begin; insert into things values (7); prepare transaction '{gid}'"))
        {
            await session.CloseAsync();
        }

        var result = await _connector.ApplyAsync(Desired(binding, 2, wanted: false), InAMoment(), CancellationToken.None);
        Assert.That(((ApplyResult.Applied)result).StillEffectiveBy.Single(), Does.Contain(gid).And.Contain(binding.Account));

        await _target.ExecuteAsync($"rollback prepared '{gid}'");
        result = await _connector.ApplyAsync(Desired(binding, 2, wanted: false), InAMoment(), CancellationToken.None);
        Assert.That(((ApplyResult.Applied)result).StillEffectiveBy, Is.Empty);
    }

    [Test]
    public async Task Should_say_of_an_account_that_it_may_give_itself_what_it_wants()
    {
        var binding = await CreateLoginAsync();
        await _target.ExecuteAsync($"alter role {binding.Account} createrole");
        await using var session = await LogInAsync(binding, "select 1");
        var gives = await WorksAsync(session, $"grant {binding.Privilege} to {binding.Account}");
        await _target.ExecuteAsync($"revoke {binding.Privilege} from {binding.Account}");

        var observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);

        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, gives)));
        Assert.That(observed.Paths.Any(path => path.StartsWith("CREATEROLE", StringComparison.Ordinal)), Is.EqualTo(gives));
        Assert.That(gives, Is.EqualTo(await _target.ReadAsync<int>("select current_setting('server_version_num')::int") < 160000));
    }

    [Test]
    public async Task Should_say_of_an_account_that_it_has_rights_of_its_own_where_the_privilege_has_them()
    {
        var binding = await CreateLoginAsync();
        await _target.ExecuteAsync($"grant select, insert on things to {binding.Account}; create table others (n int)");
        await _target.ExecuteAsync($"grant update on others to {binding.Account}; grant select on others to {binding.Privilege}");
        await ApplyAsync(binding, revision: 1, wanted: true);
        Assert.That((await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None)).Paths, Is.Empty);
        await ApplyAsync(binding, revision: 2, wanted: false);

        var observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, true)));
        Assert.That(observed.Paths, Is.EqualTo(new[] { "its own SELECT on public.things" }));

        await _target.ExecuteAsync($"revoke all on things from {binding.Account}; alter table others owner to {binding.Account}");
        observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);
        Assert.That(observed.Paths, Is.EqualTo(new[] { "it owns public.others" }));

        await _target.ExecuteAsync($"alter table others owner to current_user");
        observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);
        Assert.That((observed.Effective, observed.Paths.Count), Is.EqualTo((false, 0)));
    }

    [Test]
    public async Task Should_say_of_an_account_that_it_has_rights_of_its_own_at_columns()
    {
        var binding = await CreateLoginAsync();
        await _target.ExecuteAsync(
            $"""
            create table wide (n int, m int, "Odd one" int);
            grant select on wide to {binding.Privilege}; grant update (m) on wide to {binding.Privilege};
            grant select (n, "Odd one"), update (m), insert (n) on wide to {binding.Account};
            """
        );

        var observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);

        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, true)));
        string[] paths =
        [
            "its own SELECT on public.wide (n)",
            "its own SELECT on public.wide (\"Odd one\")",
            "its own UPDATE on public.wide (m)",
        ];
        Assert.That(observed.Paths, Is.EquivalentTo(paths));

        await _target.ExecuteAsync($"revoke all on wide from {binding.Account}; grant update on wide to {binding.Account}");
        observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);
        Assert.That(observed.Paths, Is.EqualTo(new[] { "its own UPDATE on public.wide" }), "a right at the table is one at its columns");
    }

    [TestCase("pg_read_all_data", true)]
    [TestCase("pg_write_all_data", false)]
    public async Task Should_say_of_an_account_that_it_has_rights_at_every_table(string role, bool counts)
    {
        var binding = await CreateLoginAsync();
        await ApplyAsync(binding, revision: 1, wanted: true);
        await _target.ExecuteAsync($"grant {role} to {binding.Account}");
        Assert.That((await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None)).Paths, Is.Empty);
        await ApplyAsync(binding, revision: 2, wanted: false);

        var observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);
        Assert.That(observed.Effective, Is.EqualTo(counts), "the privilege reads, and writes nothing");
        Assert.That(observed.Paths, Is.EqualTo(counts ? new[] { role + ", which has its rights at every table" } : []));

        await _target.ExecuteAsync($"grant update (n) on things to {binding.Privilege}");
        Assert.That((await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None)).Effective, Is.True);
    }

    [TestCase("superuser", true)]
    [TestCase("createrole", false)]
    public async Task Should_say_of_an_account_as_whom_it_may_act(string power, bool always)
    {
        var binding = await CreateLoginAsync();
        var (helper, between) = (TargetDatabase.Unique("helper"), TargetDatabase.Unique("between"));
        await ApplyAsync(binding, revision: 1, wanted: true);
        await _target.ExecuteAsync($"create role {helper} {power}; create role {between}; grant {helper} to {between}");
        await _target.ExecuteAsync($"grant {between} to {binding.Account}");
        await using var session = await LogInAsync(binding, "select 1");
        await ApplyAsync(binding, revision: 2, wanted: false);
        await using var again = await LogInAsync(binding, $"set role {helper}");
        var takes = await WorksAsync(again, $"grant {binding.Privilege} to {binding.Account}");
        await _target.ExecuteAsync($"revoke {binding.Privilege} from {binding.Account}");

        var observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);

        Assert.That(
            takes,
            Is.EqualTo(always || await _target.ReadAsync<int>("select current_setting('server_version_num')::int") < 160000)
        );
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, takes)));
        Assert.That(observed.Paths.Any(path => path.StartsWith(helper, StringComparison.Ordinal)), Is.EqualTo(takes));
    }

    [Test]
    public async Task Should_give_nothing_to_who_may_act_as_a_superuser()
    {
        var binding = await _target.CreateBindingAsync();
        var super = TargetDatabase.Unique("super");
        await _target.ExecuteAsync($"create role {super} superuser; grant {super} to {binding.Account}");

        Assert.That(
            () => ApplyAsync(binding, revision: 1, wanted: true),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains("act as one")
        );
        var preflight = await _connector.PreflightAsync([new(binding.Account, binding.Privilege)], CancellationToken.None);
        Assert.That(preflight.Places.Single().Reason, Does.Contain("act as one"));
    }

    // So many ways that to go each of them would take for ever: three to the thirteenth.
    [Test]
    public async Task Should_read_through_a_web_of_roles()
    {
        const int layers = 14;
        var binding = await _target.CreateBindingAsync();
        var web = TargetDatabase.Unique("web");
        var roles = Enumerable
            .Range(0, layers)
            .Select(layer => Enumerable.Range(0, 3).Select(n => $"{web}_{layer}_{n}").ToArray())
            .ToArray();
        await _target.ExecuteAsync(string.Concat(roles.SelectMany(layer => layer).Select(role => $"create role {role};")));
        for (var layer = 1; layer < layers; layer++)
        {
            await _target.ExecuteAsync($"grant {string.Join(", ", roles[layer])} to {string.Join(", ", roles[layer - 1])}");
        }

        await _target.ExecuteAsync($"grant {string.Join(", ", roles[0])} to {binding.Account}");
        using var never = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Assert.That((await _connector.ReadAsync(binding.Account, binding.Privilege, never.Token)).Effective, Is.False);

        await _target.ExecuteAsync($"grant {binding.Privilege} to {roles[^1][1]}");
        var observed = await _connector.ReadAsync(binding.Account, binding.Privilege, never.Token);
        Assert.That((observed.Direct, observed.Effective, observed.Paths.Count), Is.EqualTo((false, true, 3)));
        Assert.That(observed.Paths, Has.All.EndsWith($"{roles[^1][1]} > {binding.Privilege}"));
    }

    [Test]
    public async Task Should_take_away_though_a_trigger_keeps_the_fence_down()
    {
        var binding = await _target.CreateBindingAsync();
        await ApplyAsync(binding, revision: 1, wanted: true);
        await _target.ExecuteAsync(
            """
            create function public.keep() returns trigger language plpgsql as 'begin return null; end';
            create trigger keep before insert or update on governance.holdings for each row execute function public.keep();
            """
        );

        foreach (var (revision, wanted) in new[] { (2, false), (3, true) })
        {
            Assert.That(
                () => ApplyAsync(binding, revision, wanted),
                Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains("trigger")
            );
            Assert.That(await _target.IsMemberAsync(binding), Is.False);
        }

        await _target.ExecuteAsync("drop trigger keep on governance.holdings");
        await ApplyAsync(binding, revision: 3, wanted: false);
    }

    [Test]
    public async Task Should_take_away_when_somebody_has_all_connections()
    {
        var binding = await _target.CreateBindingAsync();
        var (name, limited) = await LimitedAsync(binding, mayCreate: true);
        var hasty = limited + ";Connection Idle Lifetime=1;Connection Pruning Interval=1;Application Name=";
        await using var connector = Connect(hasty + "ours");
        await connector.ApplyAsync(Desired(binding, 1, wanted: true), Soon(), CancellationToken.None);
        await Task.WhenAll(
            Enumerable.Range(0, 3).Select(_ => connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None))
        );
        Task<long> Open(string application) =>
            _target.ReadAsync<long>(
                "select count(*) from pg_stat_activity where usename = $1 and application_name = $2",
                name,
                application
            );
        // A pool that keeps nothing shows when one is closed that was idle for less long than ours.
        await using var control = NpgsqlDataSource.Create(hasty + "control");
        await (await control.OpenConnectionAsync()).DisposeAsync();
        await Eventually.Until(() => Open("control"), Is.Zero);
        await Eventually.Until(() => Open("ours"), Is.LessThanOrEqualTo(1));
        Assert.That(await Open("ours"), Is.EqualTo(1));

        await _target.ExecuteAsync($"alter role {name} connection limit 0");
        await connector.ApplyAsync(Desired(binding, 2, wanted: false), Soon(), CancellationToken.None);
        Assert.That(await _target.IsMemberAsync(binding), Is.False);

        static AttemptDeadline Soon() => AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(10));
    }

    [Test]
    public async Task Should_tell_operators_of_a_privilege_that_owns_something()
    {
        var binding = await CreateLoginAsync();
        TargetPlace[] places = [new(binding.Account, binding.Privilege)];
        Assert.That((await _connector.PreflightAsync(places, CancellationToken.None)).Limits, Is.Empty);

        await _target.ExecuteAsync($"create table owned (n int); alter table owned owner to {binding.Privilege}");

        var preflight = await _connector.PreflightAsync(places, CancellationToken.None);
        Assert.That(preflight.Limits.Single(), Does.StartWith($"{binding.Privilege} owns objects"));
        Assert.That((preflight.Obstacles.Count, preflight.Places.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Should_open_for_an_account_that_does_not_inherit_or_say_that_it_does_not()
    {
        var binding = await CreateLoginAsync();
        await _target.ExecuteAsync($"alter role {binding.Account} noinherit");
        await ApplyAsync(binding, revision: 1, wanted: true);
        await using var session = await LogInAsync(binding, "select 1");
        var opens = await WorksAsync(session, "select n from things");

        var observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);
        Assert.That(observed.Direct, Is.True);
        Assert.That(observed.Paths.Any(path => path.Contains("SET ROLE only", StringComparison.Ordinal)), Is.EqualTo(!opens));
        var version = await _target.ReadAsync<int>("select current_setting('server_version_num')::int");
        Assert.That(opens, Is.EqualTo(version >= 160000));
    }

    [Test]
    public async Task Should_not_write_to_a_table_of_somebody_else()
    {
        var binding = await _target.CreateBindingAsync();
        var (_, limited) = await LimitedAsync(binding, mayCreate: true);
        var intruder = TargetDatabase.Unique("intruder");
        await _target.ExecuteAsync(
            $"""
            create role {intruder};
            create schema governance authorization {intruder};
            create table governance.holdings (account text, privilege text, holder uuid, revision bigint, changed_at timestamptz,
                constraint holdings_pkey primary key (account, privilege, holder));
            alter table governance.holdings owner to {intruder};
            grant usage on schema governance to public;
            grant all on governance.holdings to public;
            """
        );
        await using var connector = Connect(limited);
        await connector.ApplyAsync(
            Desired(binding, 2, wanted: true),
            AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(5)),
            CancellationToken.None
        );

        Assert.That(await _target.IsMemberAsync(binding), Is.True);
        Assert.That(await _target.ReadAsync<long>("select count(*) from governance.holdings"), Is.Zero);
    }

    [Test]
    public async Task Should_need_no_superuser()
    {
        var binding = await _target.CreateBindingAsync();
        var (_, limited) = await LimitedAsync(binding, mayCreate: true);
        await using var connector = Connect(limited);
        await connector.ApplyAsync(
            Desired(binding, 2, wanted: true),
            AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(5)),
            CancellationToken.None
        );
        Assert.That(await _target.IsMemberAsync(binding), Is.True);
        Assert.That(
            () =>
                connector.ApplyAsync(
                    Desired(binding, 1, wanted: false),
                    AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(5)),
                    CancellationToken.None
                ),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused")
        );
        await connector.ApplyAsync(
            Desired(binding, 3, wanted: false),
            AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(5)),
            CancellationToken.None
        );
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
    }

    [Test]
    public async Task Should_say_refused_when_it_may_not_grant()
    {
        var binding = await _target.CreateBindingAsync();
        var name = TargetDatabase.Unique("powerless");
        await _target.ExecuteAsync($"create role {name} login password 'p'");
        await using var connector = Connect(As(name));
        Assert.That(
            () =>
                connector.ApplyAsync(
                    Desired(binding, 1, wanted: true),
                    AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(5)),
                    CancellationToken.None
                ),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused")
        );
    }

    [Test]
    public async Task Should_fence_from_the_first_moment_when_two_begin_at_once()
    {
        await using var second = Connect(_target.ConnectionString);
        await using var third = Connect(_target.ConnectionString);
        var binding = await _target.CreateBindingAsync();
        var attempts = new[] { (_connector, 1L), (second, 2L), (third, 3L) }.Select(async one =>
        {
            try
            {
                await one.Item1.ApplyAsync(
                    Desired(binding, one.Item2, wanted: one.Item2 < 3),
                    AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(10)),
                    CancellationToken.None
                );
            }
            catch (ConnectorException e) when (e.Code == "refused")
            {
                // A lower revision that came later.
            }
        });
        await Task.WhenAll(attempts);

        Assert.That(await _target.IsMemberAsync(binding), Is.False);
        Assert.That(await _target.ReadAsync<long>("select revision from governance.holdings"), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_tell_that_a_superuser_has_everything()
    {
        var binding = await _target.CreateBindingAsync();
        await _target.ExecuteAsync($"alter role {binding.Account} superuser");
        var observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, true)));
        Assert.That(observed.Paths, Is.EqualTo(new[] { "superuser" }));
    }

    [Test]
    public async Task Should_list_every_membership_page_by_page()
    {
        var binding = await _target.CreateBindingAsync();
        await _target.ExecuteAsync(
            $"""
            do $$ begin
                for i in 1..1100 loop
                    execute format('create role %I', '{binding.Account}_' || i);
                    execute format('grant %I to %I', '{binding.Privilege}', '{binding.Account}_' || i);
                end loop;
            end $$
            """
        );
        var found = new List<ListedHolding>();
        string? token = null;
        var pages = 0;
        do
        {
            var page = await _connector.ListAsync(token, CancellationToken.None);
            found.AddRange(page.Items);
            token = page.NextPageToken;
            pages++;
        } while (token is not null);

        Assert.That(pages, Is.GreaterThan(2));
        Assert.That(
            found.Where(f => f.Privilege == binding.Privilege).Select(f => f.Account).Distinct(StringComparer.Ordinal).Count(),
            Is.EqualTo(1100)
        );
        Assert.That(found.Select(f => (f.Account, f.Privilege)), Is.Unique);
        Assert.That(() => _connector.ListAsync("not a token", CancellationToken.None), Throws.ArgumentException);
    }

    [Test]
    public async Task Should_end_what_keeps_the_privilege_after_it_was_revoked()
    {
        var binding = await CreateLoginAsync();
        await ApplyAsync(binding, revision: 1, wanted: true);
        await using var asTheRole = await LogInAsync(binding, $"set role {binding.Privilege}");
        await using var cursor = await LogInAsync(binding, "begin; declare rows cursor for select n from things");

        await ApplyAsync(binding, revision: 2, wanted: false);
        Assert.That(await WorksAsync(asTheRole, "select n from things"), Is.False);
        Assert.That(await WorksAsync(cursor, "fetch all from rows"), Is.False);
        await using var later = await LogInAsync(binding, "select 1");
        Assert.That(await WorksAsync(later, "select n from things"), Is.False, "Logged in, without the privilege.");
        Assert.That(await WorksAsync(later, "select 1"), Is.True);
    }

    [TestCase("")]
    [TestCase(";EndSessions=false")]
    public async Task Should_take_away_from_an_account_that_holds_every_lock_that_anybody_may_hold(string setting)
    {
        await using var connector = Connect(_target.ConnectionString + setting);
        var binding = await CreateLoginAsync();
        await using var session = await LogInAsync(binding, "select pg_advisory_lock(5870421894)");
        await connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None);
        Assert.That(
            await WorksAsync(
                session,
                $"select pg_advisory_lock(hashtextextended(length('{binding.Account}') || ':{binding.Account}:{binding.Privilege}', 5870421893))"
            ),
            Is.True
        );

        await connector.ApplyAsync(Desired(binding, 2, wanted: false), InAMoment(), CancellationToken.None);
        Assert.That((await connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None)).Effective, Is.False);
        Assert.That(await WorksAsync(session, "select 1"), Is.EqualTo(setting.Length > 0));
        Assert.That(
            () => connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused")
        );
    }

    [Test]
    public async Task Should_fence_also_while_somebody_holds_the_lock()
    {
        var binding = await CreateLoginAsync();
        await ApplyAsync(binding, revision: 1, wanted: true);
        await using var holder = await _target.OpenAsync();
        Assert.That(
            await WorksAsync(
                holder,
                $"select pg_advisory_lock(hashtextextended(length('{binding.Account}') || ':{binding.Account}:{binding.Privilege}', 5870421893))"
            ),
            Is.True
        );

        // Neither waits for the other's lock: what is older comes after what is newer, and finds that.
        await using var removing = await _target.OpenAsync();
        await using var transaction = await removing.BeginTransactionAsync();
        await using (
            var fence = new NpgsqlCommand("update governance.holdings set revision = 3 where account = $1", removing)
            {
                Parameters = { new() { Value = binding.Account } },
            }
        )
        {
            await fence.ExecuteNonQueryAsync();
        }

        var stale = _connector
            .ApplyAsync(Desired(binding, 2, wanted: true), InAMoment(), CancellationToken.None)
            .ContinueWith(ended => ended.Exception?.InnerException as ConnectorException, TaskScheduler.Default);
        await Eventually.Until(() =>
            _target.ReadAsync<bool>(
                "select exists (select from pg_stat_activity where wait_event = 'transactionid' and query like '%governance_membership%')"
            )
        );
        await using (var revoke = new NpgsqlCommand($"revoke {binding.Privilege} from {binding.Account}", removing))
        {
            await revoke.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
        Assert.That((await stale)?.Code, Is.EqualTo("refused"));
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
    }

    [TestCase("", true, true)]
    [TestCase("", false, false)]
    [TestCase(";Max Auto Prepare=0", true, false)]
    public async Task Should_keep_the_change_compiled_where_it_may_and_sessions_last(string setting, bool mayMakeIt, bool keepsIt)
    {
        var binding = await _target.CreateBindingAsync();
        var (name, limited) = await LimitedAsync(binding, mayCreate: true);
        await _target.ExecuteAsync($"grant pg_signal_backend to {name}");
        if (!mayMakeIt)
        {
            var database = TargetDatabase.Quote(new NpgsqlConnectionStringBuilder(limited).Database!);
            await _target.ExecuteAsync($"revoke temporary on database {database} from public");
        }

        await using var connector = Connect(limited + setting);
        for (var revision = 1; revision <= 4; revision++)
        {
            var wanted = revision % 2 == 1;
            await connector.ApplyAsync(Desired(binding, revision, wanted), InAMoment(), CancellationToken.None);
            Assert.That(await _target.IsMemberAsync(binding), Is.EqualTo(wanted));
        }

        Assert.That(
            () => connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused"),
            "fenced either way"
        );
        Assert.That(
            await _target.ReadAsync<bool>("select exists (select from pg_catalog.pg_proc where proname = 'governance_membership')"),
            Is.EqualTo(keepsIt)
        );
    }

    [Test]
    public async Task Should_leave_sessions_alone_when_told_to()
    {
        await using var connector = Connect(_target.ConnectionString + ";EndSessions=false");
        Assert.That((connector.Capabilities.Sessions, _connector.Capabilities.Sessions), Is.EqualTo((false, true)));
        var binding = await CreateLoginAsync();
        await connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None);
        await using var asTheRole = await LogInAsync(binding, $"set role {binding.Privilege}");
        await using var inheriting = await LogInAsync(binding, "select n from things");

        await connector.ApplyAsync(Desired(binding, 2, wanted: false), InAMoment(), CancellationToken.None);
        Assert.That(await WorksAsync(asTheRole, "select n from things"), Is.True, "This is why it is not the default.");
        Assert.That(await WorksAsync(inheriting, "select n from things"), Is.False);
        Assert.That(await WorksAsync(inheriting, "select 1"), Is.True);
    }

    [TestCase("inherit", "")]
    [TestCase("noinherit", "grant pg_signal_backend to {0}")]
    public async Task Should_need_the_right_to_end_sessions(string inherits, string right)
    {
        var binding = await CreateLoginAsync();
        var (name, limited) = await LimitedAsync(binding, mayCreate: true);
        await _target.ExecuteAsync($"alter role {name} {inherits}");
        await _target.ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, right, name) + ";");
        await using var connector = Connect(limited);
        await connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None);
        await using var session = await LogInAsync(binding, $"set role {binding.Privilege}");
        Task Taking() => connector.ApplyAsync(Desired(binding, 2, wanted: false), InAMoment(), CancellationToken.None);
        if (right.Length > 0)
        {
            await Taking();
            Assert.That(await WorksAsync(session, "select 1"), Is.False);
            return;
        }

        Assert.That(
            Taking,
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo("refused").And.Message.Contains("pg_signal_backend")
        );
        Assert.That(await _target.IsMemberAsync(binding), Is.False, "It was revoked all the same.");
        await session.CloseAsync();
        await Eventually.Until(() =>
            _target.ReadAsync<bool>("select not exists (select from pg_stat_activity where usename = $1)", binding.Account)
        );
        await Taking();
    }

    [Test]
    public async Task Should_take_away_what_several_granted_and_name_whom_it_may_not_revoke()
    {
        if (await _target.ReadAsync<int>("select current_setting('server_version_num')::int") < 160000)
        {
            Assert.Ignore("Before version 16, a membership is one, whoever granted it.");
        }

        var binding = await _target.CreateBindingAsync();
        var other = TargetDatabase.Unique("administrator");
        var (name, limited) = await LimitedAsync(binding, mayCreate: true);
        await _target.ExecuteAsync(
            $"""
            create role {other};
            grant {binding.Privilege} to {other} with admin option;
            grant {binding.Privilege} to {binding.Account};
            grant {binding.Privilege} to {binding.Account} granted by {other};
            """
        );
        await using var connector = Connect(limited);
        await connector.ApplyAsync(Desired(binding, 1, wanted: true), InAMoment(), CancellationToken.None);
        Assert.That(
            await _target.ReadAsync<long>("select count(*) from pg_auth_members where member = $1::regrole", binding.Account),
            Is.EqualTo(3)
        );
        await connector.ApplyAsync(Desired(binding, 2, wanted: false), InAMoment(), CancellationToken.None);
        var observed = await connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);
        Assert.That((observed.Direct, observed.Marker), Is.EqualTo((true, $"granted by {other}, postgres")), name);

        // A superuser may revoke what any of them granted.
        await ApplyAsync(binding, revision: 3, wanted: false);
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
    }

    [Test]
    public async Task Should_take_away_its_own_grant_beside_one_that_others_depend_on()
    {
        if (await _target.ReadAsync<int>("select current_setting('server_version_num')::int") < 160000)
        {
            Assert.Ignore("Before version 16, nothing depends on a membership.");
        }

        var binding = await _target.CreateBindingAsync();
        var (administrator, dependent) = (TargetDatabase.Unique("administrator"), TargetDatabase.Unique("dependent"));
        await _target.ExecuteAsync(
            $"""
            create role {administrator};
            create role {dependent};
            grant {binding.Privilege} to {administrator} with admin option;
            grant {binding.Privilege} to {binding.Account} with admin option granted by {administrator};
            grant {binding.Privilege} to {dependent} granted by {binding.Account};
            """
        );
        await ApplyAsync(binding, revision: 1, wanted: true);
        await ApplyAsync(binding, revision: 2, wanted: false);

        var observed = await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None);
        Assert.That(
            (observed.Direct, observed.Marker),
            Is.EqualTo((true, $"granted by {administrator}; on that depends {dependent}, granted by {binding.Account}"))
        );
        await _target.ExecuteAsync($"revoke {binding.Privilege} from {dependent} granted by {binding.Account}");
        await ApplyAsync(binding, revision: 3, wanted: false);
        Assert.That(await _target.IsMemberAsync(binding), Is.False);
    }

    [Test]
    public async Task Should_take_away_its_own_grant_with_what_depends_on_it()
    {
        var binding = await _target.CreateBindingAsync();
        var dependent = TargetDatabase.Unique("dependent");
        await ApplyAsync(binding, revision: 1, wanted: true);
        await _target.ExecuteAsync(
            $"create role {dependent}; grant {binding.Privilege} to {binding.Account} with admin option; set role {binding.Account}; grant {binding.Privilege} to {dependent}"
        );

        await ApplyAsync(binding, revision: 2, wanted: false);
        Assert.That((await _connector.ReadAsync(binding.Account, binding.Privilege, CancellationToken.None)).Effective, Is.False);
    }

    private static Predicate<ConnectorException?> IsBlockedBy(LockHold hold) =>
        e =>
            e is { Code: ConnectorErrors.Blocked, MayHaveHappened: false, IsTransient: false }
            && e.Message.Contains(hold.Name, StringComparison.Ordinal);

    private static Task<LockHold> HoldAsync(NpgsqlConnection connection, string sql, bool prepared) =>
        LockHold.BeginAsync(connection, sql, prepared);

    private async Task<TargetBinding> RenameAsync(TargetBinding binding, bool account)
    {
        var name = TargetDatabase.Unique("renamed");
        await _target.ExecuteAsync($"alter role {(account ? binding.Account : binding.Privilege)} rename to {name}");
        return account ? binding with { Account = name } : binding with { Privilege = name };
    }

    private static AttemptDeadline InAMoment() => AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(10));

    private static async Task<bool> WorksAsync(NpgsqlConnection connection, string sql)
    {
        try
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task<TargetBinding> CreateLoginAsync()
    {
        var binding = await _target.CreateBindingAsync();
        await _target.ExecuteAsync(
            $"""
            alter role {binding.Account} password 'p';
            create table if not exists public.things as select n from generate_series(1, 10) n;
            grant select on public.things to {binding.Privilege};
            """
        );
        return binding;
    }

    private async Task<NpgsqlConnection> LogInAsync(TargetBinding binding, string first)
    {
        var connection = await _target.LogInAsync(binding.Account, "p");
        Assert.That(await WorksAsync(connection, first), Is.True, first);
        return connection;
    }

    private static DesiredHolding Desired(TargetBinding binding, long revision, bool wanted, Guid? holder = null) =>
        new()
        {
            Holder = holder ?? Holder,
            Account = binding.Account,
            Privilege = binding.Privilege,
            Revision = revision,
            Leases = wanted ? [new Lease(Guid.CreateVersion7(), Moments.Now(TimeProvider.System).AddHours(1))] : [],
        };

    private static PostgreSqlConnector Connect(string connectionString) =>
        new(
            new ConnectorSettings
            {
                Target = "orders-db",
                ConnectionString = connectionString,
                Concurrency = 4,
                ConnectTimeout = TimeSpan.FromSeconds(5),
            },
            TimeProvider.System,
            NullLogger<PostgreSqlConnector>.Instance
        );

    private Task<ApplyResult> ApplyAsync(TargetBinding binding, long revision, bool wanted, Guid? holder = null) =>
        _connector.ApplyAsync(
            Desired(binding, revision, wanted, holder),
            AttemptDeadline.After(TimeProvider.System, TimeSpan.FromSeconds(5)),
            CancellationToken.None
        );

    private async Task<(string Name, string ConnectionString)> LimitedAsync(TargetBinding binding, bool mayCreate)
    {
        var name = TargetDatabase.Unique("suite");
        await _target.ExecuteAsync($"create role {name} login password 'p'; grant {binding.Privilege} to {name} with admin option");
        if (mayCreate)
        {
            var database = new NpgsqlConnectionStringBuilder(_target.ConnectionString).Database!;
            await _target.ExecuteAsync($"grant create on database {TargetDatabase.Quote(database)} to {name}");
        }

        return (name, As(name));
    }

    private string As(string role) =>
        new NpgsqlConnectionStringBuilder(_target.ConnectionString) { Username = role, Password = "p" }.ConnectionString;
}
