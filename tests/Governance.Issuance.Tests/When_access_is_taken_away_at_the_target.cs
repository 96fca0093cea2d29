using Governance.Contracts.Lifecycle;
using Governance.Testing;

namespace Governance.Issuance.Tests;

/// <summary>Somebody takes away at the target, by hand, what should be there.</summary>
public sealed class When_access_is_taken_away_at_the_target : IssuanceFixture
{
    private TargetBinding _binding = null!;

    [SetUp]
    public async Task GiveAsync()
    {
        Set("Issuance:ReadAgainAfter", "00:00:01");
        AddTarget("orders-db", Orders.ConnectionString, kind: "gated");
        await StartReplicaAsync();
        _binding = await GivenAsync();
    }

    [Test]
    public async Task Should_say_that_it_is_not_there_and_not_give_it_again()
    {
        await TakeAwayAsync();

        var told = await RereadAsync(direct: false);
        Assert.That(told.Revision, Is.EqualTo(1));
        Assert.That(told.FirstObservedAt, Is.EqualTo(told.ObservedAt));
        var read = await ReadAsync<DateTime>("select read_at from issuance.holdings");
        await Eventually.Until(() => ReadAsync<DateTime>("select read_at from issuance.holdings"), Is.GreaterThan(read));
        Assert.That(await Orders.IsMemberAsync(_binding), Is.False);
        Assert.That(Lifecycle.Observed().Count(o => o.Reread), Is.EqualTo(1), "it is told once");
    }

    [Test]
    public async Task Should_give_it_again_when_an_operator_asks()
    {
        await TakeAwayAsync();
        await RereadAsync(direct: false);

        await Lifecycle.RetryAsync(new RetryHoldings { Principal = "svc-reporting", Entitlement = "orders-db/readonly" });

        var again = await Eventually.Until(() => Task.FromResult(Lifecycle.Observed()), all => all[^1].Direct);
        Assert.That(again[^1].Reread, Is.False);
        Assert.That(await Orders.IsMemberAsync(_binding), Is.True);
    }

    [Test]
    public async Task Should_say_that_it_is_there_again_when_whoever_took_it_away_gives_it_back()
    {
        await TakeAwayAsync();
        await RereadAsync(direct: false);

        await Orders.ExecuteAsync($"grant {_binding.Privilege} to {_binding.Account}");

        Assert.That((await RereadAsync(direct: true)).Revision, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_still_take_it_away_when_that_is_asked()
    {
        await TakeAwayAsync();
        await RereadAsync(direct: false);

        await Lifecycle.AskAsync(_binding, revision: 2, leases: 0);

        var gone = await Lifecycle.AnswerAsync(2);
        Assert.That((gone.Direct, gone.Reread), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task Should_tell_nothing_while_nothing_changes()
    {
        var first = await ReadAsync<DateTime>("select read_at from issuance.holdings");
        var second = await Eventually.Until(() => ReadAsync<DateTime>("select read_at from issuance.holdings"), t => t > first);
        await Eventually.Until(() => ReadAsync<DateTime>("select read_at from issuance.holdings"), Is.GreaterThan(second));

        Assert.That(Lifecycle.Observed(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_tell_again_now_and_then_that_nothing_has_changed()
    {
        await ExecuteAsync("update issuance.holdings set told_at = clock_timestamp() - interval '1 hour'");

        var told = await RereadAsync(direct: true);
        Assert.That(told.FirstObservedAt, Is.EqualTo(Lifecycle.Observed()[0].ObservedAt));
    }

    [Test]
    public async Task Should_go_on_when_the_clock_of_the_database_was_set_back()
    {
        await ExecuteAsync("update issuance.holdings set read_at = clock_timestamp() + interval '1 year'");
        await ExecuteAsync("update issuance.targets set read_again_at = clock_timestamp() + interval '1 year'");
        await TakeAwayAsync();

        Assert.That((await RereadAsync(direct: false)).Revision, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_go_on_when_a_connector_breaks()
    {
        var broken = 0;
        Gates.BeforeRead = () => Interlocked.Increment(ref broken) == 1 ? throw new InvalidCastException("a bug") : Task.CompletedTask;
        await TakeAwayAsync();

        Assert.That((await RereadAsync(direct: false)).Revision, Is.EqualTo(1));
        Assert.That(broken, Is.GreaterThan(1));
    }

    private Task TakeAwayAsync() => Orders.ExecuteAsync($"revoke {_binding.Privilege} from {_binding.Account}");

    private async Task<Contracts.Issuance.HoldingObserved> RereadAsync(bool direct) =>
        (
            await Eventually.Until(
                () => Task.FromResult(Lifecycle.Observed().Where(o => o.Reread && o.Direct == direct).ToList()),
                all => all.Count > 0,
                TimeSpan.FromSeconds(30)
            )
        )[0];
}
