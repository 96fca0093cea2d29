namespace Governance.Expiry.Deadlines;

/// <summary>Where a deadline stands.</summary>
internal enum DeadlineState
{
    /// <summary>Waits for its time.</summary>
    Armed,

    /// <summary>Was published at least once; Lifecycle has not acknowledged it and it keeps firing.</summary>
    Fired,

    /// <summary>Lifecycle has dealt with it.</summary>
    Acknowledged,

    /// <summary>Lifecycle does not need it any more.</summary>
    Cancelled,
}
