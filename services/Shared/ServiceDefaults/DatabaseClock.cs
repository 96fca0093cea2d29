using Npgsql;

namespace Governance.ServiceDefaults;

/// <summary>
/// The time of the service's database, so that all replicas have one clock, whatever those of their machines say or however they jump.
/// </summary>
/// <remarks>
/// It is read with every new connection and every few seconds, and goes on by the monotonic clock in between. Before the first connection
/// nothing can be recorded, and the machine's clock will do.
/// </remarks>
/// <param name="machine">The machine's clock, of which the monotonic reading is used.</param>
public sealed class DatabaseClock(TimeProvider machine) : TimeProvider
{
    private readonly Lock _gate = new();
    private volatile Reading? _reading;

    /// <summary>By how much the machine's clock is ahead of the database's for sure; negative when it is behind, zero when it may be right.</summary>
    public TimeSpan MachineIsAhead { get; private set; }

    /// <inheritdoc/>
    /// <remarks>By the clock of the database.</remarks>
    public override DateTimeOffset GetUtcNow() =>
        _reading is { } reading ? reading.At + GetElapsedTime(reading.Timestamp) : machine.GetUtcNow();

    /// <inheritdoc/>
    public override long TimestampFrequency => machine.TimestampFrequency;

    /// <inheritdoc/>
    public override long GetTimestamp() => machine.GetTimestamp();

    /// <summary>Asks the database for its time.</summary>
    public async Task ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        for (var times = Questions(); times > 0; times--)
        {
            await using var command = Question(connection);
            var asked = GetTimestamp();
            Heard(asked, new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!, TimeSpan.Zero));
        }
    }

    /// <inheritdoc cref="ReadAsync"/>
    public void Read(NpgsqlConnection connection)
    {
        for (var times = Questions(); times > 0; times--)
        {
            using var command = Question(connection);
            var asked = GetTimestamp();
            Heard(asked, new DateTimeOffset((DateTime)command.ExecuteScalar()!, TimeSpan.Zero));
        }
    }

    /// <summary>
    /// The database's clock said this at some moment since we asked. What we took for its time stays while it agrees with that, so that
    /// answers that took long make it no worse; else the machine's clock will do while it agrees; else what was said, which is never ahead.
    /// </summary>
    /// <param name="asked">The monotonic clock before the question.</param>
    /// <param name="said">The answer.</param>
    internal void Heard(long asked, DateTimeOffset said)
    {
        lock (_gate)
        {
            var heard = GetTimestamp();
            var latest = said + GetElapsedTime(asked, heard);
            var now = machine.GetUtcNow();
            MachineIsAhead =
                now > latest ? now - latest
                : now < said ? now - said
                : TimeSpan.Zero;
            var taken = _reading is { } known ? known.At + GetElapsedTime(known.Timestamp, heard) : now;
            _reading = new Reading(
                taken >= said && taken <= latest ? taken
                    : MachineIsAhead == TimeSpan.Zero ? now
                    : said,
                heard
            );
        }
    }

    // The first answer may have been slow.
    private int Questions() => _reading is null ? 3 : 1;

    private static NpgsqlCommand Question(NpgsqlConnection connection) =>
        new("select clock_timestamp()", connection) { CommandTimeout = 5 };

    private sealed record Reading(DateTimeOffset At, long Timestamp);
}
