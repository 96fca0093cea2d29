using Governance.Testing;

namespace Governance.Connectors.Tests.Conformance;

// Targets in trouble.
public abstract partial class ConnectorConformance
{
    [Test]
    public async Task Should_tell_that_a_target_is_down_and_go_on_when_it_is_back()
    {
        var place = await CreatePlaceAsync();
        var gone = await CreatePlaceAsync();
        Target.Faults.Refuse();
        var outcome = await TryAsync(Wanted(place, 1));
        Assert.That(
            (outcome.Failure?.Code, outcome.Failure?.MayHaveHappened, outcome.Failure?.IsTransient),
            Is.EqualTo((ConnectorErrors.Unreachable, false, true))
        );
        Assert.That(
            () => ReadGuardedAsync(place),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo(ConnectorErrors.Unreachable)
        );
        Assert.That(
            () => ListGuardedAsync(),
            Throws.TypeOf<ConnectorException>().With.Property("Code").EqualTo(ConnectorErrors.Unreachable)
        );

        Target.Faults.Heal();
        await ApplyAsync(Wanted(place, 1));
        await ApplyAsync(Wanted(gone, 1));
        await AssertHasAsync(place, expected: true);

        // This time connections were open.
        Target.Faults.Refuse();
        outcome = await TryAsync(Unwanted(place, 2));
        Assert.That(outcome.Failure?.Code, Is.EqualTo(ConnectorErrors.Unreachable));
        Target.Faults.Heal();
        await AssertHasAsync(gone, expected: true);
        await ApplyAsync(Unwanted(place, 2));
        await AssertHasAsync(place, expected: false);
    }

    [Test]
    public async Task Should_work_with_a_target_that_takes_its_time()
    {
        var place = await CreatePlaceAsync();
        Target.Faults.Slow(TimeSpan.FromMilliseconds(25));
        await ApplyAsync(Wanted(place, 1));
        await AssertHasAsync(place, expected: true);
        await ApplyAsync(Unwanted(place, 2));
        await AssertHasAsync(place, expected: false);
    }

    [Test]
    public async Task Should_give_up_at_the_hard_end_when_a_target_takes_too_long()
    {
        var place = await CreatePlaceAsync();
        var given = await CreatePlaceAsync();
        await ApplyAsync(Wanted(given, 1));
        Target.Faults.Slow(TimeSpan.FromMinutes(1));
        foreach (var desired in new[] { Wanted(place, 1), Unwanted(given, 2) })
        {
            var outcome = await TryAsync(desired, In(1.5));
            Assert.That(outcome.WasCancelled || outcome.Failure?.Code is ConnectorErrors.Timeout, Is.True, outcome.ToString());
        }

        Target.Faults.Heal();
        var fresh = Connect();
        await ApplyAsync(Wanted(place, 1), fresh);
        await ApplyAsync(Unwanted(given, 2), fresh);
        Assert.That(await Target.HasAsync(place.Account, place.Privilege), Is.True);
        Assert.That(await Target.HasAsync(given.Account, given.Privilege), Is.False);
    }

    [Test]
    public async Task Should_not_know_whether_it_was_done_when_a_target_does_it_and_hangs()
    {
        foreach (var step in Target.Faults.Giving)
        {
            var place = await CreatePlaceAsync();
            await StrikeAsync(step, Target.Faults.HangAfter, () => Wanted(place, 1));
            await ApplyAsync(Wanted(place, 1));
            await AssertHasAsync(place, expected: true, step);
        }

        foreach (var step in Target.Faults.Taking)
        {
            var place = await CreatePlaceAsync();
            await using var session = await BeginAsync(place);
            await StrikeAsync(step, Target.Faults.HangAfter, () => Unwanted(place, 2));
            await ApplyAsync(Unwanted(place, 2));
            await AssertHasAsync(place, expected: false, step);
            Assert.That(session is not null && await session.WorksAsync(), Is.False, step);
        }
    }

    [Test]
    public async Task Should_not_know_whether_it_was_done_when_the_connection_breaks()
    {
        foreach (var step in Target.Faults.Giving)
        {
            var place = await CreatePlaceAsync();
            var outcome = await StrikeAsync(step, Target.Faults.CutAfter, () => Wanted(place, 1));
            Assert.That(outcome.Failure?.Code, Is.EqualTo(ConnectorErrors.Unreachable), step);
            await ApplyAsync(Wanted(place, 1));
            await AssertHasAsync(place, expected: true, step);
        }

        foreach (var step in Target.Faults.Taking)
        {
            var place = await CreatePlaceAsync();
            await using var session = await BeginAsync(place);
            var outcome = await StrikeAsync(step, Target.Faults.CutAfter, () => Unwanted(place, 2));
            Assert.That(outcome.Failure?.Code, Is.EqualTo(ConnectorErrors.Unreachable), step);
            await ApplyAsync(Unwanted(place, 2));
            await AssertHasAsync(place, expected: false, step);
            Assert.That(session is not null && await session.WorksAsync(), Is.False, step);
        }
    }

    [Test]
    public async Task Should_take_away_what_was_given_only_half()
    {
        foreach (var step in Target.Faults.Giving)
        {
            var place = await CreatePlaceAsync();
            await StrikeAsync(step, Target.Faults.CutAfter, () => Wanted(place, 1));
            // What the target took may still be under way.
            await Eventually.Until(async () =>
            {
                await ApplyAsync(Unwanted(place, 2));
                return !await Target.HasAsync(place.Account, place.Privilege);
            });
            await AssertHasAsync(place, expected: false, step);
            var observed = await ReadAsync(place);
            Assert.That(observed.Accounts is null or { Count: 0 }, Is.True, step);
        }
    }

    private async Task<Outcome> StrikeAsync(string step, Action<string> fault, Func<DesiredHolding> desired)
    {
        var struck = Target.Faults.Struck;
        fault(step);
        var deadline = In(3);
        var outcome = await TryAsync(desired(), deadline);
        Assert.That(Target.Faults.Struck, Is.EqualTo(struck + 1), $"'{step}' is no step of this change.");
        // Where the target can be asked whether the session is gone, it is known that nothing more comes.
        Assert.That(outcome.IsUnclear || outcome.Failure is { IsTransient: true }, Is.True, $"{step}: {outcome}");
        if (outcome.IsUnclear)
        {
            await Eventually.Until(() => Task.FromResult(deadline.Remaining), Is.EqualTo(TimeSpan.Zero));
        }

        Target.Faults.Heal();
        return outcome;
    }

    private Task<ObservedHolding> ReadGuardedAsync(Place place) => GuardedAsync(() => ReadAsync(place));

    private Task<HoldingPage> ListGuardedAsync() => GuardedAsync(() => Connector.ListAsync(null, CancellationToken.None));

    private async Task<T> GuardedAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (ConnectorException e)
        {
            TellsNothing(e.ToString());
            throw;
        }
    }
}
