using Governance.Testing;

namespace Governance.Connectors.Tests.Conformance;

// Many at once, and many that stop in the middle.
public abstract partial class ConnectorConformance
{
    [Test]
    public async Task Should_bear_the_same_change_many_times_at_once()
    {
        var place = await CreatePlaceAsync();
        IConnector[] replicas = [Connector, Connect(), Connect()];
        foreach (var desired in new[] { Wanted(place, 1), Unwanted(place, 2), Wanted(place, 3) })
        {
            await Task.WhenAll(Enumerable.Range(0, 12).Select(i => ApplyAsync(desired, replicas[i % replicas.Length])));
            await AssertHasAsync(place, desired.Wanted);
        }
    }

    [Test]
    public async Task Should_bear_opposite_changes_at_once()
    {
        IConnector[] replicas = [Connector, Connect()];
        for (var round = 0; round < 5; round++)
        {
            var place = await CreatePlaceAsync();
            var give = TryAsync(Wanted(place, 1), connector: replicas[0]);
            var take = TryAsync(Unwanted(place, 2), connector: replicas[1]);
            Outcome[] outcomes = [await give, await take];
            if (Connector.Capabilities.Fencing && outcomes[1].Succeeded)
            {
                await AssertHasAsync(place, expected: false, "the higher revision wins");
            }

            await ApplyAsync(Unwanted(place, 2));
            await AssertHasAsync(place, expected: false);
        }
    }

    [Test]
    public async Task Should_leave_alone_what_others_hold()
    {
        IConnector[] replicas = [Connector, Connect()];
        var privilege = await PrivilegeAsync();
        var account = await AccountAsync();
        List<Place> places = [];
        for (var i = 0; i < 8; i++)
        {
            places.Add(new(await AccountAsync(), privilege));
        }

        for (var i = 0; i < 4; i++)
        {
            places.Add(new(account, await PrivilegeAsync()));
        }

        await Task.WhenAll(places.Select((place, i) => ApplyAsync(Wanted(place, 1), replicas[i % 2])));
        foreach (var place in places)
        {
            await AssertHasAsync(place, expected: true);
        }

        await Task.WhenAll(places.Select((place, i) => ApplyAsync(i % 3 == 0 ? Unwanted(place, 2) : Wanted(place, 2), replicas[i % 2])));
        for (var i = 0; i < places.Count; i++)
        {
            await AssertHasAsync(places[i], expected: i % 3 != 0);
        }
    }

    [Test]
    public async Task Should_come_right_wherever_it_was_cancelled()
    {
        var warm = await CreatePlaceAsync();
        await ApplyAsync(Wanted(warm, 1));
        await ApplyAsync(Unwanted(warm, 2));
        var started = TimeProvider.System.GetTimestamp();
        await ApplyAsync(Wanted(warm, 3));
        var usual = TimeProvider.System.GetElapsedTime(started);
        const int moments = 14;
        List<Place> places = [];
        List<AttemptDeadline> ends = [];
        for (var i = 0; i < moments; i++)
        {
            places.Add(await CreatePlaceAsync());
            ends.Add(await CancelAsync(Wanted(places[i], 1), usual * i / (moments / 1.5)));
        }

        // Half of them as a repeated attempt finds them, half as a removal does; neither begins before the hard end of the one before.
        await Eventually.Until(() => Task.FromResult(ends.All(end => end.Remaining == TimeSpan.Zero)), TimeSpan.FromMinutes(1));
        for (var i = 0; i < moments; i++)
        {
            await ApplyAsync(i % 2 == 0 ? Wanted(places[i], 1) : Unwanted(places[i], 2));
            await AssertHasAsync(places[i], expected: i % 2 == 0);
        }

        ends.Clear();
        for (var i = 0; i < moments; i += 2)
        {
            ends.Add(await CancelAsync(Unwanted(places[i], 2), usual * i / (moments / 1.5)));
        }

        await Eventually.Until(() => Task.FromResult(ends.All(end => end.Remaining == TimeSpan.Zero)), TimeSpan.FromMinutes(1));
        for (var i = 0; i < moments; i += 2)
        {
            await ApplyAsync(Unwanted(places[i], 2));
            await AssertHasAsync(places[i], expected: false);
        }
    }

    [Test]
    public async Task Should_do_nothing_when_cancelled_before_it_begins()
    {
        var place = await CreatePlaceAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        Assert.That((await TryAsync(Wanted(place, 1), In(30), cancelled.Token)).WasCancelled, Is.True);
        Assert.That(
            () => Connector.ReadAsync(place.Account, place.Privilege, cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>()
        );
        Assert.That(() => Connector.ListAsync(null, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        await AssertHasAsync(place, expected: false);
    }

    private async Task<AttemptDeadline> CancelAsync(DesiredHolding desired, TimeSpan after)
    {
        var deadline = In(3);
        using var cancel = new CancellationTokenSource(after);
        await TryAsync(desired, deadline, cancel.Token);
        return deadline;
    }
}
