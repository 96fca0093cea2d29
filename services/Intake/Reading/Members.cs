namespace Governance.Intake.Reading;

/// <summary>Members that several kinds of events have.</summary>
internal static class Members
{
    public static DateTimeOffset? Time(this ObjectReader reader, string name, Presence presence)
    {
        if (reader.Text(name, presence, Limits.IdLength) is not { } text)
        {
            return null;
        }

        if (Rfc3339.TryParse(text, out var time))
        {
            return time;
        }

        reader.Fault(name, "format", "Send a time as in RFC 3339 with its offset, for example 2026-11-23T12:00:00Z.");
        return null;
    }

    /// <summary>A time that has come, give or take how clocks differ.</summary>
    public static DateTimeOffset? PastTime(this ObjectReader reader, string name, Presence presence, DateTimeOffset now)
    {
        var time = reader.Time(name, presence);
        if (time > now + Limits.ClockSkew)
        {
            reader.Fault(name, "out-of-range", "Send the time at which it happened; this one is in the future.");
        }

        return time;
    }
}
