namespace Governance.Lifecycle.Api;

/// <summary>The body of a command from a person: strict, and none at all will do where nothing is required.</summary>
internal record CommandBody
{
    private const int MaxComment = 4000;

    public string? Comment { get; init; }

    /// <summary>What is wrong with it, naming the member and the remedy; null if nothing is.</summary>
    public virtual string? Fault() => Comment is { Length: > MaxComment } ? $"comment: at most {MaxComment} characters." : null;
}

internal sealed record ApproveBody : CommandBody
{
    /// <summary>The longest that the approver agrees to.</summary>
    public TimeSpan? Duration { get; init; }

    public override string? Fault() => base.Fault() ?? Durations.Fault(Duration);
}

/// <summary>What is given replaces what was asked for.</summary>
internal sealed record EditBody : CommandBody
{
    private const int MaxJustification = 4000;

    public TimeSpan? Duration { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public string? Justification { get; init; }

    public override string? Fault() =>
        base.Fault()
        ?? Durations.Fault(Duration)
        ?? (
            Justification is { } text && (string.IsNullOrWhiteSpace(text) || text.Length > MaxJustification)
                ? $"justification: 1 to {MaxJustification} characters."
            : Duration is null && NotBefore is null && Justification is null
                ? "Give at least one of duration, notBefore and justification: the rest stays as it was asked for."
            : null
        );
}

internal sealed record ReviewBody : CommandBody
{
    public required ReviewOutcome Outcome { get; init; }
}

internal enum ReviewOutcome
{
    /// <summary>It was right, and may stay while it lasts.</summary>
    Keep,

    /// <summary>It goes.</summary>
    Revoke,
}

internal static class Durations
{
    public static string? Fault(TimeSpan? duration) =>
        duration <= TimeSpan.Zero ? "duration: must be longer than zero, for example PT1H." : null;
}
