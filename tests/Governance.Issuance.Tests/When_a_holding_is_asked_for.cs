using Governance.Testing;

namespace Governance.Issuance.Tests;

public sealed class When_a_holding_is_asked_for : IssuanceFixture
{
    [SetUp]
    public async Task StartAsync()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        await StartReplicaAsync();
    }

    [Test]
    public async Task Should_give_it_and_answer_with_what_was_read_back()
    {
        var binding = await Orders.CreateBindingAsync();
        var before = Moments.Now(TimeProvider.System);
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);

        var answer = await Lifecycle.AnswerAsync(1);
        Assert.Multiple(() =>
        {
            Assert.That(answer.Revision, Is.EqualTo(1));
            Assert.That(answer.Direct, Is.True);
            Assert.That(answer.Effective, Is.True);
            Assert.That(answer.Paths, Is.Empty);
            Assert.That(answer.PreExisting, Is.False);
            Assert.That(answer.Until, Is.Null);
            Assert.That(answer.ObservedAt, Is.GreaterThanOrEqualTo(before).And.EqualTo(Moments.Truncate(answer.ObservedAt)));
        });
        Assert.That(await Orders.IsMemberAsync(binding), Is.True);
    }

    [Test]
    public async Task Should_take_it_away_and_answer_absent()
    {
        var binding = await GivenAsync();
        await Lifecycle.AskAsync(binding, revision: 2, leases: 0);

        var answer = await Lifecycle.AnswerAsync(2);
        Assert.That((answer.Direct, answer.Effective), Is.EqualTo((false, false)));
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
    }

    [Test]
    public async Task Should_read_back_again_when_asked_twice()
    {
        var binding = await GivenAsync();
        var first = await Lifecycle.AnswerAsync(1);
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);

        var second = await Lifecycle.AnswerAsync(1, nth: 2);
        Assert.That(second.ObservedAt, Is.GreaterThan(first.ObservedAt));
        Assert.That((first.FirstObservedAt, second.FirstObservedAt), Is.EqualTo((first.ObservedAt, first.ObservedAt)));
        Assert.That(await ReadAsync<long>("select count(*) from issuance.holdings"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_answer_a_lower_revision_with_the_highest_and_change_nothing()
    {
        var binding = await GivenAsync();
        await Lifecycle.AskAsync(binding, revision: 3, leases: 0);
        await Lifecycle.AnswerAsync(3);
        await Lifecycle.AskAsync(binding, revision: 2, leases: 1);

        var answer = await Lifecycle.AnswerAsync(3, nth: 2);
        Assert.That((answer.Revision, answer.Direct), Is.EqualTo((3L, false)));
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
        Assert.That(Lifecycle.Observed().Select(o => o.Revision), Has.None.EqualTo(2));
    }

    [Test]
    public async Task Should_keep_it_while_one_of_two_leases_is_left()
    {
        var binding = await Orders.CreateBindingAsync();
        await Lifecycle.AskAsync(binding, revision: 1, leases: 2);
        await Lifecycle.AnswerAsync(1);
        await Lifecycle.AskAsync(binding, revision: 2, leases: 1);
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.True);
        Assert.That(await Orders.IsMemberAsync(binding), Is.True);

        await Lifecycle.AskAsync(binding, revision: 3, leases: 0);
        Assert.That((await Lifecycle.AnswerAsync(3)).Direct, Is.False);
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
    }

    [Test]
    public async Task Should_record_access_that_was_there_before_and_remove_it_at_the_end()
    {
        var binding = await Orders.CreateBindingAsync();
        await Orders.ExecuteAsync($"grant {TargetDatabase.Quote(binding.Privilege)} to {TargetDatabase.Quote(binding.Account)}");
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);
        Assert.That((await Lifecycle.AnswerAsync(1)).PreExisting, Is.True);

        await Lifecycle.AskAsync(binding, revision: 2, leases: 0);
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);

        await Lifecycle.AskAsync(binding, revision: 3, leases: 1);
        Assert.That((await Lifecycle.AnswerAsync(3)).PreExisting, Is.False, "The suite's own access is not there from before.");
    }

    [Test]
    public async Task Should_name_the_path_by_which_ended_access_is_still_effective()
    {
        var binding = await GivenAsync();
        var via = TargetDatabase.Unique("team");
        await Orders.ExecuteAsync(
            $"create role {via}; grant {TargetDatabase.Quote(binding.Privilege)} to {via}; grant {via} to {TargetDatabase.Quote(binding.Account)}"
        );
        await Lifecycle.AskAsync(binding, revision: 2, leases: 0);

        var answer = await Lifecycle.AnswerAsync(2);
        Assert.That((answer.Direct, answer.Effective), Is.EqualTo((false, true)));
        Assert.That(answer.Paths, Is.EqualTo(new[] { $"{via} > {binding.Privilege}" }));
    }

    [Test]
    public async Task Should_empty_the_old_place_before_it_gives_at_a_new_one()
    {
        var old = await GivenAsync();
        var place = await Orders.CreateBindingAsync();
        await Lifecycle.AskAsync(place, revision: 2, leases: 1);

        var answer = await Lifecycle.AnswerAsync(2);
        Assert.That(answer.Direct, Is.True);
        Assert.That(await Orders.IsMemberAsync(old), Is.False);
        Assert.That(await Orders.IsMemberAsync(place), Is.True);
    }

    [Test]
    public async Task Should_take_away_where_it_was_given_even_if_the_catalog_names_another_place_by_now()
    {
        var old = await GivenAsync();
        var place = await Orders.CreateBindingAsync();
        await Lifecycle.AskAsync(place, revision: 2, leases: 0);

        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);
        Assert.That(await Orders.IsMemberAsync(old), Is.False);
    }

    [Test]
    public async Task Should_repair_what_somebody_removed_when_it_is_asked_for_again()
    {
        var binding = await GivenAsync();
        await Orders.ExecuteAsync($"revoke {TargetDatabase.Quote(binding.Privilege)} from {TargetDatabase.Quote(binding.Account)}");
        await Lifecycle.AskAsync(binding, revision: 1, leases: 1);

        Assert.That((await Lifecycle.AnswerAsync(1, nth: 2)).Direct, Is.True);
        Assert.That(await Orders.IsMemberAsync(binding), Is.True);
    }
}
