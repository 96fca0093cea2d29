using Governance.Contracts.Lifecycle;
using Governance.Issuance.Holdings;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Governance.Issuance.Tests;

public sealed class When_much_is_due_at_once : IssuanceFixture
{
    private NpgsqlDataSource _database = null!;

    [SetUp]
    public async Task FillAsync()
    {
        _database = NpgsqlDataSource.Create(Database);
        await ExecuteAsync(HoldingSql.Schema);
        await ExecuteAsync(
            """
            insert into issuance.holdings (principal, entitlement, revision, leases, target, account, privilege, raised_at, last_until, next_attempt)
            select 'svc-' || i, 'orders-db/readonly', 1,
                   case when i % 2 = 0 then '[]' else jsonb_build_array(jsonb_build_object('grantId', gen_random_uuid(), 'until', now() + interval '1 day')) end,
                   'orders-db', 'svc-' || i, 'readonly', now(),
                   case when i % 2 = 1 then now() + interval '1 day' end,
                   case when i % 4 <> 1 then now() - interval '1 hour' + i * interval '1 ms' end
            from generate_series(1, 20000) i
            """
        );
        await ExecuteAsync("analyze issuance.holdings");
    }

    [TearDown]
    public async Task CloseAsync() => await _database.DisposeAsync();

    [Test]
    public async Task Should_claim_without_looking_at_all_of_it()
    {
        var plan = await PlanAsync(
            HoldingSql.ClaimOfTarget,
            "orders-db",
            8,
            7,
            Guid.NewGuid(),
            TimeSpan.FromSeconds(12),
            TimeSpan.FromSeconds(30),
            DateTime.UtcNow - TimeSpan.FromSeconds(40),
            8
        );

        Assert.Multiple(() =>
        {
            Assert.That(plan, Does.Contain("holdings_removals").And.Contain("holdings_gifts").And.Contain("holdings_last_until"));
            Assert.That(plan, Does.Not.Contain("Seq Scan on holdings").And.Not.Contain("Sort"));
        });
    }

    [Test]
    public async Task Should_look_for_answers_without_looking_at_all_of_it()
    {
        var plan = await PlanAsync(HoldingSql.ClaimAnswers, TimeSpan.FromSeconds(8));

        Assert.Multiple(() =>
        {
            Assert.That(plan, Does.Contain("holdings_answer_due").And.Contain("holdings_failure_due"));
            Assert.That(plan, Does.Not.Contain("Seq Scan on holdings"));
        });
    }

    [Test]
    public async Task Should_take_away_what_was_asked_for_before_what_will_be_but_forget_nothing()
    {
        await ExecuteAsync(
            """
            insert into issuance.holdings (principal, entitlement, revision, leases, target, account, privilege, raised_at, last_until, next_attempt)
            select name, 'ledger-db/approver', 1,
                   case when ended is null then '[]' else jsonb_build_array(jsonb_build_object('grantId', gen_random_uuid(), 'until', now() - ended)) end,
                   'ledger-db', name, 'approver', now(), now() - ended, now() - due
            from (values
                ('given', interval '-1 hour', interval '50 s'),
                ('overdue', interval '40 s', null),
                ('asked', null, interval '1 s'),
                ('forgotten', interval '61 s', null),
                ('not-yet', interval '29 s', null),
                ('asked-before', null, interval '2 s')) h (name, ended, due)
            """
        );
        var claimed = await ClaimAllAsync(Store(TimeProvider.System));

        Assert.That(
            claimed,
            Is.EqualTo(new[] { ("forgotten", true), ("asked-before", false), ("asked", false), ("overdue", true), ("given", false) })
        );
    }

    [Test]
    public async Task Should_leave_to_Lifecycle_what_it_comes_to_and_not_what_it_has_passed_by()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var patience = TimeSpan.FromMinutes(5);
        var store = Store(clock, patience);
        var now = Moments.Now(TimeProvider.System);
        await RaiseAsync("asked", over: TimeSpan.FromMinutes(8));
        await RaiseAsync("passed-by", over: TimeSpan.FromMinutes(9));
        await RaiseAsync("comes", over: TimeSpan.FromMinutes(7));
        await RaiseAsync("forgotten", over: TimeSpan.FromMinutes(11));
        Assert.That(await ClaimAllAsync(Store(clock, patience), release: true), Has.Count.EqualTo(4), "nothing is asked for");

        await RaiseAsync("asked", over: null);

        var whileAsking = await ClaimAllAsync(store);
        clock.Advance(AskedEnds.Remembered * 2);
        var afterwards = await ClaimAllAsync(store);

        Assert.Multiple(() =>
        {
            Assert.That(whileAsking, Is.EqualTo(new[] { ("forgotten", true), ("asked", false), ("passed-by", true) }));
            Assert.That(afterwards, Is.EqualTo(new[] { ("comes", true) }));
        });

        Task RaiseAsync(string principal, TimeSpan? over) =>
            store.RaiseAsync(
                Issuance.Tests.Lifecycle.Command(
                    InLedger(principal),
                    revision: over is null ? 2 : 1,
                    leases: over is null ? 0 : 1,
                    principal,
                    until: now - over
                ),
                trace: null,
                CancellationToken.None
            );
    }

    [Test]
    public void Should_forget_what_was_asked_for_a_while_ago()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var ends = new AskedEnds(clock);
        var now = clock.GetUtcNow();
        ends.Add("ledger-db", now);
        ends.Add("ledger-db", now.AddHours(1));

        Assert.Multiple(() =>
        {
            Assert.That(ends.Earliest("ledger-db"), Is.EqualTo(now));
            Assert.That(ends.Earliest("orders-db"), Is.Null);
        });
        clock.Advance(AskedEnds.Remembered);
        ends.Add("ledger-db", now.AddSeconds(5));
        Assert.That(ends.Earliest("ledger-db"), Is.EqualTo(now));
        clock.Advance(AskedEnds.Remembered);
        Assert.That(ends.Earliest("ledger-db"), Is.EqualTo(now.AddSeconds(5)));
        clock.Advance(AskedEnds.Remembered);
        Assert.That(ends.Earliest("ledger-db"), Is.Null);
    }

    private HoldingStore Store(TimeProvider clock, TimeSpan? endAfterLastLease = null) =>
        new(
            _database,
            new AskedEnds(clock),
            clock,
            Options.Create(new IssuanceOptions { EndAfterLastLease = endAfterLastLease ?? TimeSpan.FromSeconds(30) })
        );

    private static TargetBinding InLedger(string account) =>
        new()
        {
            Target = "ledger-db",
            Account = account,
            Privilege = "approver",
        };

    private async Task<IReadOnlyList<(string Principal, bool Ending)>> ClaimAllAsync(HoldingStore store, bool release = false)
    {
        var claimed = new List<(string, bool)>();
        while (
            await store.ClaimAsync("ledger-db", [], limit: 1, removals: 1, gifts: 1, TimeSpan.FromMinutes(1), CancellationToken.None)
                is [var claim]
        )
        {
            claimed.Add((claim.Principal, claim.Ending));
        }

        if (release)
        {
            await ExecuteAsync(
                "update issuance.holdings set claim_owner = null, claim_until = null, ending = false where target = 'ledger-db'"
            );
        }

        return claimed;
    }

    private async Task<string> PlanAsync(string sql, params object[] values)
    {
        await using var command = _database.CreateCommand("explain " + sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync();
        var plan = new List<string>();
        while (await reader.ReadAsync())
        {
            plan.Add(reader.GetString(0));
        }

        return string.Join('\n', plan);
    }
}
