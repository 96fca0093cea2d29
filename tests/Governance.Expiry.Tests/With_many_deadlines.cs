using Governance.Expiry.Tests.Running;
using Governance.Testing;

namespace Governance.Expiry.Tests;

public sealed class With_many_deadlines
{
    private World _world = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        await _world.StartReplicaAsync(clock: null, "FirstRepeat=00:01:00", "LongestRepeat=00:01:30");
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_fire_a_thousand_of_the_same_second()
    {
        var due = DateTimeOffset.UtcNow.AddSeconds(6);
        var grants = Enumerable.Range(0, 1000).Select(_ => Guid.NewGuid()).ToArray();
        await Task.WhenAll(grants.Select((g, i) => _world.Lifecycle.SetAsync(g, due.AddMilliseconds(i))));

        await Eventually.Until(
            () => Task.FromResult(_world.Lifecycle.All.Select(r => r.Message.GrantId).Distinct().Count()),
            Is.EqualTo(1000),
            TimeSpan.FromSeconds(40)
        );

        await PrintLatenessAsync();
        Assert.That(_world.Lifecycle.All.Select(r => r.Message.GrantId), Is.EquivalentTo(grants));
    }

    [Test]
    public async Task Should_find_the_few_that_are_due_among_many_that_are_not()
    {
        await _world.ScalarAsync<object>(
            """
            insert into expiry.deadlines (grant_id, kind, revision, state, due, armed_at, next_firing)
            select gen_random_uuid(), 'expiry', 1, 'armed', t, now(), t from (select now() + interval '30 days' + i * interval '1 s' as t from generate_series(1, 200000) i) far
            """
        );
        await _world.ScalarAsync<object>(
            """
            insert into expiry.deadlines (grant_id, kind, revision, state, due, settled_at)
            select gen_random_uuid(), 'expiry', 1, 'acknowledged', now(), now() from generate_series(1, 50000)
            """
        );
        await _world.ScalarAsync<object>("analyze expiry.deadlines");

        Assert.That(
            await PlanAsync("select min(next_firing) from expiry.deadlines where next_firing is not null"),
            Does.Contain("deadlines_next_firing")
        );
        Assert.That(
            await PlanAsync(
                "select * from expiry.deadlines where next_firing <= now() order by next_firing limit 200 for update skip locked"
            ),
            Does.Contain("deadlines_next_firing")
        );

        var due = DateTimeOffset.UtcNow.AddSeconds(3);
        var grants = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToArray();
        await Task.WhenAll(grants.Select((g, i) => _world.Lifecycle.SetAsync(g, due.AddMilliseconds(20 * i))));
        await Eventually.Until(
            () => Task.FromResult(_world.Lifecycle.All.Select(r => r.Message.GrantId).Distinct().Count()),
            Is.EqualTo(50),
            TimeSpan.FromSeconds(30)
        );

        await PrintLatenessAsync();
    }

    [TestCase(400, 64)]
    [TestCase(40_000, 90)]
    public async Task Should_fire_again_the_later_the_more_wait_for_their_acknowledgement_up_to_the_longest(int waiting, int seconds)
    {
        await _world.ScalarAsync<object>(
            """
            insert into expiry.deadlines (grant_id, kind, revision, state, due, armed_at, next_firing, firings, first_fired_at)
            select gen_random_uuid(), 'expiry', 1, 'fired', now(), now(), now() + interval '80 s', 1, now() from generate_series(1, $1)
            """,
            waiting
        );
        var grant = Guid.NewGuid();

        await _world.Lifecycle.SetAsync(grant, DateTimeOffset.UtcNow);
        await _world.Lifecycle.ReachedAsync(grant);

        await Eventually.Until(() => _world.StateAsync(grant), Is.EqualTo("fired"));
        Assert.That(
            await _world.ScalarAsync<decimal>(
                "select extract(epoch from next_firing - first_fired_at) from expiry.deadlines where grant_id = $1",
                grant
            ),
            Is.EqualTo(seconds).Within(0.001)
        );
    }

    private async Task<string> PlanAsync(string sql)
    {
        await using var command = _world.Sql.CreateCommand("explain " + sql);
        await using var reader = await command.ExecuteReaderAsync();
        var plan = new List<string>();
        while (await reader.ReadAsync())
        {
            plan.Add(reader.GetString(0));
        }

        return string.Join('\n', plan);
    }

    private Task PrintLatenessAsync()
    {
        var lateness = _world.Lifecycle.All.Select(r => (r.At - r.Message.Due).TotalMilliseconds).Order().ToArray();
        return TestContext.Out.WriteLineAsync(
            $"lateness of {lateness.Length}: p50 {lateness[lateness.Length / 2]:F0} ms, p99 {lateness[lateness.Length * 99 / 100]:F0} ms, most {lateness[^1]:F0} ms"
        );
    }
}
