using Governance.Contracts.Issuance;
using Governance.Contracts.Lifecycle;
using Governance.Issuance.Holdings;
using Governance.ServiceDefaults;
using Governance.Testing;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.Issuance.Tests;

public sealed class When_many_ask_at_once : IssuanceFixture
{
    private static readonly TargetBinding Binding = new()
    {
        Target = "ledger-db",
        Account = "svc",
        Privilege = "readonly",
    };

    private NpgsqlDataSource _database = null!;
    private HoldingStore _store = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _database = NpgsqlDataSource.Create(Database);
        await using var schema = _database.CreateCommand(HoldingSql.Schema);
        await schema.ExecuteNonQueryAsync();
        _store = new(_database, new AskedEnds(TimeProvider.System), TimeProvider.System, Options.Create(new IssuanceOptions()));
    }

    [TearDown]
    public async Task CloseAsync() => await _database.DisposeAsync();

    [Test]
    public async Task Should_keep_the_highest_and_fail_only_what_the_database_refuses()
    {
        await RaiseAsync("first", 1);
        await using var blocker = await _database.OpenConnectionAsync();
        var transaction = await blocker.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("select 1 from issuance.holdings for update", blocker, transaction))
        {
            await hold.ExecuteScalarAsync();
        }

        // The first is blocked, so the others are one group.
        var first = RaiseAsync("first", 2);
        await GroupBeganAsync();
        Task[] others =
        [
            RaiseAsync("a", 2),
            RaiseAsync("b", 1),
            RaiseAsync("a", 3),
            RaiseAsync("a", 1),
            RaiseAsync("a", 3),
            RaiseAsync("c", 7),
        ];
        var refused = RaiseAsync("never\0", 1);
        Assert.That(first.IsCompleted || others.Any(o => o.IsCompleted) || refused.IsCompleted, Is.False);
        await transaction.CommitAsync();

        await Task.WhenAll([first, .. others]);
        await Task.WhenAny(refused);
        Assert.That(refused.Exception?.InnerException, Is.InstanceOf<PostgresException>());
        Assert.That(
            await ReadAsync<string>("select string_agg(principal || revision, ' ' order by principal) from issuance.holdings"),
            Is.EqualTo("a3 b1 c7 first2")
        );
    }

    [Test]
    public async Task Should_never_wait_in_a_circle_with_what_is_answered()
    {
        const int Count = 60;
        var principals = Enumerable.Range(0, Count).Select(i => "svc-" + i).ToArray();
        for (var round = 1; round <= 15; round++)
        {
            var revision = round;
            new Random(round).Shuffle(principals);
            var raises = principals.Select(p => RaiseAsync(p, revision)).ToList();
            var marks = Enumerable
                .Range(0, 4)
                .Select(_ => _store.MarkAsync([.. principals.Reverse().Select(p => Answer(p, revision))], CancellationToken.None))
                .ToList();
            await Task.WhenAll([.. raises, .. marks]);
            await using var settle = _database.CreateCommand(
                "update issuance.holdings set observed_revision = revision + 1, observed_at = '2026-01-01Z', answer_due = now()"
            );
            await settle.ExecuteNonQueryAsync();
        }

        Assert.That(await ReadAsync<long>("select count(*) from issuance.holdings where revision = 15"), Is.EqualTo(Count));
    }

    [Test]
    public async Task Should_write_what_came_meanwhile_together_and_no_more_than_the_most()
    {
        using var gate = new SemaphoreSlim(0);
        var groups = new List<int[]>();
        var writes = new GroupedWrites<int>(
            async items =>
            {
                groups.Add([.. items]);
                await gate.WaitAsync();
            },
            most: 3
        );

        var first = writes.WriteAsync(1, CancellationToken.None);
        await Eventually.Until(() => Task.FromResult(groups.Count), Is.EqualTo(1));
        var others = Enumerable.Range(2, 4).Select(i => writes.WriteAsync(i, CancellationToken.None)).ToList();
        gate.Release();
        await first;
        Assert.That(others.Select(o => o.IsCompleted), Has.None.True);
        gate.Release(2);
        await Task.WhenAll(others);

        Assert.That(groups, Is.EqualTo(new int[][] { [1], [2, 3, 4], [5] }));
    }

    [Test]
    public async Task Should_fail_all_of_a_group_while_the_database_is_away_and_go_on_afterwards()
    {
        var away = true;
        var calls = 0;
        using var gate = new SemaphoreSlim(0);
        var writes = new GroupedWrites<int>(
            async _ =>
            {
                calls++;
                await gate.WaitAsync();
                if (away)
                {
                    throw new NpgsqlException("The database is away.");
                }
            },
            most: 10
        );

        var failing = Enumerable.Range(1, 5).Select(i => writes.WriteAsync(i, CancellationToken.None)).ToList();
        gate.Release(2);
        await Eventually.Until(() => Task.FromResult(failing.All(f => f.IsFaulted)), Is.True);
        Assert.That(failing.Select(f => f.Exception?.InnerException), Has.All.InstanceOf<NpgsqlException>());
        Assert.That(calls, Is.LessThanOrEqualTo(2), "not item by item");
        away = false;
        gate.Release();
        await writes.WriteAsync(6, CancellationToken.None);
    }

    [Test]
    public async Task Should_let_go_who_waits_no_longer_and_write_the_others()
    {
        using var gate = new SemaphoreSlim(0);
        using var patience = new CancellationTokenSource();
        var written = new List<int>();
        var writes = new GroupedWrites<int>(
            async items =>
            {
                await gate.WaitAsync();
                written.AddRange(items);
            },
            most: 10
        );
        var impatient = writes.WriteAsync(1, patience.Token);
        var patient = writes.WriteAsync(2, CancellationToken.None);

        await patience.CancelAsync();

        Assert.That(impatient.IsCanceled, Is.True);
        gate.Release(2);
        await patient;
        Assert.That(written, Does.Contain(2));
    }

    private async Task GroupBeganAsync() =>
        await Eventually.Until(
            () => ReadAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"),
            Is.EqualTo(1L)
        );

    private Task RaiseAsync(string principal, long revision) =>
        _store.RaiseAsync(Issuance.Tests.Lifecycle.Command(Binding, revision, leases: 1, principal), trace: null, CancellationToken.None);

    private static HoldingObserved Answer(string principal, long revision) =>
        new()
        {
            Principal = principal,
            Entitlement = Binding.Target + "/readonly",
            Revision = revision,
            Direct = true,
            Effective = true,
            Paths = [],
            PreExisting = false,
            ObservedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        };
}
