namespace Governance.Reading;

/// <summary>Bounds of what any door takes, over HTTP, gRPC and AMQP alike; <c>contracts/schemas</c> says the same.</summary>
public static class Bounds
{
    /// <summary>The longest body, in bytes.</summary>
    public const int BodyBytes = 256 * 1024;

    /// <summary>How deep objects and arrays may be nested.</summary>
    public const int Depth = 16;

    /// <summary>The most characters of a name or an id.</summary>
    public const int NameLength = 256;

    /// <summary>The most characters of free text: a comment, a reason, a justification.</summary>
    public const int FreeTextLength = 4000;

    /// <summary>The most that a principal may act on behalf of.</summary>
    public const int Delegators = 8;

    /// <summary>How many faults are told one by one.</summary>
    public const int ReportedFaults = 50;

    /// <summary>The longest that anything can be asked for.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromDays(366);

    /// <summary>How far ahead anything can be asked for.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(366);

    /// <summary>How far a sender's clock may be ahead of ours.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);

    /// <summary>What is told to have happened before this was told wrongly, as by a clock that was never set.</summary>
    public static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whether it is longer than zero and not longer than <see cref="Duration"/>.</summary>
    public static bool IsDuration(TimeSpan duration) => duration > TimeSpan.Zero && duration <= Duration;
}
