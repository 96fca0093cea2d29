namespace Governance;

/// <summary>Recorded times: UTC, truncated to milliseconds.</summary>
/// <remarks>.NET counts 100 ns and PostgreSQL 1 µs, so an untruncated time never compares equal after a round trip.</remarks>
public static class Moments
{
    /// <summary>The time in UTC, cut (not rounded) to milliseconds.</summary>
    public static DateTimeOffset Truncate(DateTimeOffset time)
    {
        var utc = time.ToUniversalTime();
        return new DateTimeOffset(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
    }

    /// <summary>The clock's time in the form in which it may be recorded.</summary>
    public static DateTimeOffset Now(this TimeProvider clock) => Truncate(clock.GetUtcNow());

    /// <summary>RFC 3339 with milliseconds and <c>Z</c>, the form on the wire and in canonical documents.</summary>
    public static string ToWire(DateTimeOffset time) =>
        Truncate(time).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
