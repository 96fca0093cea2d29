using Governance.Connectors;
using Governance.Contracts.Lifecycle;
using Governance.Testing;

namespace Governance.Issuance.Tests;

/// <summary>The second line: Lifecycle is gone, and a lease is over.</summary>
public sealed class When_nobody_ends_what_is_over : IssuanceFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    [SetUp]
    public void BeImpatient() => Set("Issuance:EndAfterLastLease", Patience.ToString());

    private static DateTimeOffset In(double seconds) => Moments.Now(TimeProvider.System).AddSeconds(seconds);

    [Test]
    public async Task Should_take_it_away_and_say_so_once()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        await Task.WhenAll(StartReplicaAsync(), StartReplicaAsync());
        var binding = await Orders.CreateBindingAsync();
        var until = In(4);
        await Lifecycle.AskAsync(Issuance.Tests.Lifecycle.Command(binding, revision: 1, leases: 2, until: until));
        var given = await Lifecycle.AnswerAsync(1);

        var ended = await Lifecycle.AnswerAsync(1, nth: 2);

        Assert.Multiple(() =>
        {
            Assert.That((given.Direct, given.Overdue), Is.EqualTo((true, false)));
            Assert.That((ended.Direct, ended.Overdue, ended.Revision), Is.EqualTo((false, true, 1L)));
            Assert.That(ended.ObservedAt, Is.GreaterThanOrEqualTo(until + Patience), "not before");
            Assert.That(ended.FirstObservedAt, Is.EqualTo(ended.ObservedAt), "it was there until then");
        });
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
        await Eventually.Until(SettledAsync, Is.True);
        Assert.That(Lifecycle.Observed(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Should_take_it_away_when_nobody_came_to_say_since_when_it_is_there()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        await StartReplicaAsync();
        var (alone, together) = (await Orders.CreateBindingAsync(), await Orders.CreateBindingAsync());
        var given = For(Issuance.Tests.Lifecycle.Command(alone, revision: 1, leases: 1, until: In(900)), TimeSpan.FromSeconds(2));
        var shared = For(
            Issuance.Tests.Lifecycle.Command(together, revision: 1, leases: 2, "svc-billing", In(900)),
            TimeSpan.FromSeconds(2)
        );
        shared = shared with { Leases = [shared.Leases[0] with { Duration = null }, shared.Leases[1]] };

        await Task.WhenAll(Lifecycle.AskAsync(shared), Lifecycle.AskAsync(given));

        await Eventually.Until(() => Task.FromResult(Lifecycle.Observed()), Has.Exactly(1).Property("Overdue").True);
        Assert.That(await Orders.IsMemberAsync(alone), Is.False);
        var there = Lifecycle.Observed().Where(o => o.Principal == given.Principal).ToList();
        Assert.That(there[^1].ObservedAt - there[0].ObservedAt, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(2) + Patience), "not before");
        Assert.That(await Orders.IsMemberAsync(together), Is.True, "It is held by a grant whose end is known.");

        static ReconcileHolding For(ReconcileHolding command, TimeSpan duration) =>
            command with
            {
                Leases = [.. command.Leases.Select(lease => lease with { Duration = duration })],
            };
    }

    [Test]
    public async Task Should_leave_it_until_its_end_once_that_is_told()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        await StartReplicaAsync();
        var binding = await Orders.CreateBindingAsync();
        var first = Issuance.Tests.Lifecycle.Command(binding, revision: 1, leases: 1, until: In(900));
        var lease = first.Leases[0] with { Duration = TimeSpan.FromSeconds(1) };
        await Lifecycle.AskAsync(first with { Leases = [lease] });
        await Lifecycle.AnswerAsync(1);

        await Lifecycle.AskAsync(first with { Revision = 2, Leases = [lease with { Duration = null }] });
        await Lifecycle.AnswerAsync(2);

        Assert.That(
            await ReadAsync<DateTime>("select last_until from issuance.holdings"),
            Is.EqualTo(lease.Until.UtcDateTime).Within(TimeSpan.FromMilliseconds(1))
        );
    }

    [Test]
    public async Task Should_take_it_away_however_far_behind_its_clock_is()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        await StartReplicaAsync();
        var binding = await Orders.CreateBindingAsync();
        var ahead = In(600);
        var command = Issuance.Tests.Lifecycle.Command(binding, revision: 1, leases: 1, until: ahead.AddSeconds(3)) with { SentAt = ahead };

        await Lifecycle.AskAsync(command);

        await Eventually.Until(() => Task.FromResult(Lifecycle.Observed()), Has.Some.Property("Overdue").True);
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
    }

    [Test]
    public async Task Should_take_it_away_when_the_clock_of_the_database_was_set_back()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        await StartReplicaAsync();
        var binding = await GivenAsync();
        await Eventually.Until(
            () => ReadAsync<bool>("select next_attempt is null and answer_due is null from issuance.holdings"),
            Is.True,
            TimeSpan.FromSeconds(60)
        );

        // As if it had been asked for, claimed and tried an hour from now.
        await ReadAsync<long>(
            """
            with asked as (
                update issuance.holdings set
                    revision = 2, leases = '[]', last_until = null, claim_owner = gen_random_uuid(),
                    next_attempt = clock_timestamp() + interval '1 hour', claim_until = clock_timestamp() + interval '1 hour'
                returning 1)
            select count(*) from asked
            """
        );

        Assert.That((await Lifecycle.AnswerAsync(2, timeout: TimeSpan.FromSeconds(60))).Direct, Is.False);
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
    }

    [Test]
    public async Task Should_leave_what_a_newer_revision_holds_for_longer()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        await StartReplicaAsync();
        var (longer, shorter) = (await Orders.CreateBindingAsync(), await Orders.CreateBindingAsync());
        await Lifecycle.AskAsync(Issuance.Tests.Lifecycle.Command(longer, revision: 1, leases: 1, until: In(1)));
        await Lifecycle.AskAsync(Issuance.Tests.Lifecycle.Command(longer, revision: 2, leases: 1));
        await Lifecycle.AskAsync(Issuance.Tests.Lifecycle.Command(shorter, revision: 1, leases: 1, principal: "svc-billing", until: In(2)));

        // By then the first would have ended, too.
        Assert.That((await Lifecycle.AnswerAsync(1, "svc-billing", nth: 2)).Overdue, Is.True);

        Assert.That(await Orders.IsMemberAsync(longer), Is.True);
        Assert.That(Lifecycle.Observed().Select(o => o.Overdue), Has.None.True);
    }

    [Test]
    public async Task Should_give_it_again_when_it_is_renewed_after_all()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        await StartReplicaAsync();
        var binding = await Orders.CreateBindingAsync();
        await Lifecycle.AskAsync(Issuance.Tests.Lifecycle.Command(binding, revision: 1, leases: 1, until: In(1)));
        await Eventually.Until(() => Task.FromResult(Lifecycle.Observed()), Has.Some.Property("Overdue").True);

        await Lifecycle.AskAsync(binding, revision: 2, leases: 1);

        var answer = await Lifecycle.AnswerAsync(2);
        Assert.That((answer.Direct, answer.Overdue), Is.EqualTo((true, false)));
        Assert.That(await Orders.IsMemberAsync(binding), Is.True);
    }

    [Test]
    public async Task Should_take_away_what_was_given_while_its_last_lease_ended()
    {
        using var giving = new SemaphoreSlim(0);
        using var give = new SemaphoreSlim(0);
        Gates.BeforeApply = async (desired, deadline, token) =>
        {
            if (desired.Wanted)
            {
                giving.Release();
                await give.WaitAsync(token);
            }

            return (deadline, token);
        };
        AddTarget("orders-db", Orders.ConnectionString, attemptTimeout: "00:00:20", kind: "gated");
        await StartReplicaAsync();
        var binding = await Orders.CreateBindingAsync();
        var until = In(4);
        await Lifecycle.AskAsync(Issuance.Tests.Lifecycle.Command(binding, revision: 1, leases: 1, until: until));
        Assert.That(await giving.WaitAsync(TimeSpan.FromSeconds(10)), Is.True);
        await Eventually.Until(() => Task.FromResult(In(0)), Is.GreaterThan(until + Patience));

        give.Release();

        await Eventually.Until(() => Task.FromResult(Lifecycle.Observed()), Has.Some.Property("Overdue").True);
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
        await Eventually.Until(SettledAsync, Is.True);
    }

    [Test]
    public async Task Should_not_give_what_is_over_already()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        var binding = await Orders.CreateBindingAsync();
        Set("Issuance:EndAfterLastLease", "00:00:05");
        await StartReplicaAsync();

        await Lifecycle.AskAsync(Issuance.Tests.Lifecycle.Command(binding, revision: 1, leases: 1, until: In(-1)));

        var answer = await Lifecycle.AnswerAsync(1);
        Assert.That((answer.Direct, answer.Overdue), Is.EqualTo((false, true)));
        Assert.That(Lifecycle.Observed(), Has.Count.EqualTo(1), "it was never there");
    }

    [Test]
    public async Task Should_go_on_until_the_target_lets_it()
    {
        var refused = 0;
        Gates.BeforeApply = (desired, deadline, token) =>
            !desired.Wanted && Interlocked.Increment(ref refused) <= 3
                ? throw new ConnectorException(ConnectorErrors.Unreachable, "The target can't be reached.")
                : Task.FromResult((deadline, token));
        AddTarget("orders-db", Orders.ConnectionString, kind: "gated");
        await StartReplicaAsync();
        var binding = await Orders.CreateBindingAsync();
        await Lifecycle.AskAsync(Issuance.Tests.Lifecycle.Command(binding, revision: 1, leases: 1, until: In(1)));

        await Eventually.Until(() => Task.FromResult(Lifecycle.Observed()), Has.Some.Property("Overdue").True, TimeSpan.FromSeconds(30));

        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
        Assert.That((await Lifecycle.FailureAsync(1)).Code, Is.EqualTo(ConnectorErrors.Unreachable));
        Assert.That(refused, Is.EqualTo(4));
    }

    private async Task<bool> SettledAsync() =>
        await ReadAsync<bool>("select next_attempt is null and answer_due is null and observed_ending from issuance.holdings");
}
