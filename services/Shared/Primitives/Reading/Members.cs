namespace Governance.Reading;

/// <summary>Members that more than one kind of document has: times and durations.</summary>
public static class Members
{
    /// <summary>A time with its offset; null when it is absent, null or wrong.</summary>
    public static DateTimeOffset? Time(this ObjectReader reader, string name, Presence presence)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (reader.Text(name, presence, Bounds.NameLength) is not { } text)
        {
            return null;
        }

        if (Rfc3339.TryParse(text, out var time))
        {
            return time;
        }

        if (Rfc3339.IsLeapSecond(text))
        {
            reader.Fault(name, "leap-second", "Send the second before or after: clocks here have no leap second (:60).");
        }
        else
        {
            reader.Fault(name, "format", "Send a time as in RFC 3339 with its offset, for example 2026-11-23T12:00:00Z.");
        }

        return null;
    }

    /// <summary>A time that has come, give or take how clocks differ, and that a computer may have seen; null when it is absent, null or wrong.</summary>
    /// <param name="reader">Reads the object.</param>
    /// <param name="name">The member.</param>
    /// <param name="presence">Whether it has to be there.</param>
    /// <param name="now">Our time; null where a time that has not come is taken as well.</param>
    public static DateTimeOffset? PastTime(this ObjectReader reader, string name, Presence presence, DateTimeOffset? now)
    {
        var time = reader.Time(name, presence);
        if (time > now + Bounds.ClockSkew)
        {
            reader.Fault(name, "out-of-range", "Send the time at which it happened; this one is in the future.");
            return null;
        }

        if (time < Bounds.Earliest)
        {
            reader.Fault(name, "out-of-range", "Send the time at which it happened; this one is before 2000.");
            return null;
        }

        return time;
    }

    /// <summary>A start: it may have passed, since what asks for it may have waited, but is not far ahead.</summary>
    public static DateTimeOffset? Start(this ObjectReader reader, string name, Presence presence, DateTimeOffset now)
    {
        var time = reader.Time(name, presence);
        if (time > now + Bounds.Ahead)
        {
            reader.Fault(name, "out-of-range", $"Send a start at most {Bounds.Ahead.Days} days ahead.");
        }

        return time;
    }

    /// <summary>How long something is to last, cut to milliseconds: longer than zero and bounded; null when it is absent, null or wrong.</summary>
    public static TimeSpan? Duration(this ObjectReader reader, string name, Presence presence)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (reader.Text(name, presence, Bounds.NameLength) is not { } text)
        {
            return null;
        }

        if (!IsoDuration.TryParse(text, out var duration))
        {
            if (IsoDuration.IsForm(text))
            {
                reader.Fault(name, "out-of-range", TooLong);
            }
            else
            {
                reader.Fault(name, "format", "Send an ISO 8601 duration of weeks, days, hours, minutes or seconds, for example PT4H.");
            }

            return null;
        }

        duration = TimeSpan.FromTicks(duration.Ticks - (duration.Ticks % TimeSpan.TicksPerMillisecond));
        if (!Bounds.IsDuration(duration))
        {
            reader.Fault(name, "out-of-range", TooLong);
        }

        return duration;
    }

    private static string TooLong => $"Send a duration longer than zero and at most {IsoDuration.Format(Bounds.Duration)}.";
}
