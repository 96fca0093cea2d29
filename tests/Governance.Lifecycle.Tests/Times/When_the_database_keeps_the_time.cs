using Governance.ServiceDefaults;
using Governance.Testing;
using Npgsql;

namespace Governance.Lifecycle.Tests.Times;

public sealed class When_the_database_keeps_the_time
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private Machine _machine = null!;
    private DatabaseClock _clock = null!;

    [SetUp]
    public void Start()
    {
        _machine = new Machine { Time = Noon };
        _clock = new DatabaseClock(_machine);
    }

    [Test]
    public void Should_be_the_machines_until_the_database_was_asked() => Assert.That(_clock.GetUtcNow(), Is.EqualTo(Noon));

    [TestCase(600)]
    [TestCase(-600)]
    public void Should_be_the_databases_however_wrong_the_machine_is(int ahead)
    {
        Hear(Noon.AddSeconds(-ahead), after: TimeSpan.Zero);
        Assert.That(_clock.GetUtcNow(), Is.EqualTo(Noon.AddSeconds(-ahead)));
        Assert.That(_clock.MachineIsAhead, Is.EqualTo(TimeSpan.FromSeconds(ahead)));
    }

    [TestCase(600)]
    [TestCase(-600)]
    public void Should_go_on_by_the_monotonic_clock_when_the_machines_is_set(int jump)
    {
        Hear(Noon, after: TimeSpan.Zero);
        _machine.Pass(TimeSpan.FromSeconds(1));
        _machine.Time += TimeSpan.FromSeconds(jump);

        Assert.That(_clock.GetUtcNow(), Is.EqualTo(Noon.AddSeconds(1)));
    }

    [Test]
    public void Should_not_say_that_the_machine_is_wrong_while_it_may_be_right()
    {
        Hear(Noon.AddSeconds(3), after: TimeSpan.FromSeconds(5));
        Assert.That(_clock.MachineIsAhead, Is.EqualTo(TimeSpan.Zero));
        Assert.That(_clock.GetUtcNow(), Is.EqualTo(Noon.AddSeconds(5)));
    }

    [Test]
    public void Should_stay_when_a_slow_answer_agrees()
    {
        Hear(Noon, after: TimeSpan.Zero);
        Hear(Noon.AddSeconds(3), after: TimeSpan.FromSeconds(5));
        Assert.That(_clock.GetUtcNow(), Is.EqualTo(Noon.AddSeconds(5)));
    }

    [TestCase(-600, -600, TestName = "Should_follow_a_database_that_was_set_back")]
    [TestCase(600, 600, TestName = "Should_follow_a_database_that_was_set_forward")]
    public void Should_follow(int said, int now)
    {
        Hear(Noon, after: TimeSpan.Zero);
        Hear(Noon.AddSeconds(said), after: TimeSpan.FromSeconds(5));
        Assert.That(_clock.GetUtcNow(), Is.EqualTo(Noon.AddSeconds(now)));
    }

    [Test]
    public async Task Should_read_what_a_real_one_says()
    {
        var wrong = new DatabaseClock(new Ahead(TimeSpan.FromSeconds(600)));
        await using var connection = new NpgsqlConnection(await SuiteServers.Current.CreateDatabaseAsync("clock"));
        await connection.OpenAsync();

        await wrong.ReadAsync(connection, CancellationToken.None);

        await using var ask = new NpgsqlCommand("select clock_timestamp()", connection);
        var before = (DateTime)(await ask.ExecuteScalarAsync())!;
        var read = wrong.GetUtcNow().UtcDateTime;
        Assert.That(read, Is.GreaterThan(before.AddSeconds(-30)).And.LessThan(before.AddSeconds(300)));
        Assert.That(wrong.MachineIsAhead, Is.GreaterThan(TimeSpan.FromSeconds(500)));
    }

    private void Hear(DateTimeOffset said, TimeSpan after)
    {
        var asked = _machine.GetTimestamp();
        _machine.Pass(after);
        _clock.Heard(asked, said);
    }

    /// <summary>A clock that only moves when told, and that can be set.</summary>
    private sealed class Machine : TimeProvider
    {
        private long _ticks;

        public DateTimeOffset Time { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public override DateTimeOffset GetUtcNow() => Time;

        public void Pass(TimeSpan time)
        {
            _ticks += time.Ticks;
            Time += time;
        }
    }

    private sealed class Ahead(TimeSpan time) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + time;
    }
}
