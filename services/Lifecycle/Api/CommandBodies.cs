using Governance.Contracts.Lifecycle;
using Governance.Sealing;

namespace Governance.Lifecycle.Api;

/// <summary>The body of a command from a person: strict, and none at all will do where nothing is required.</summary>
internal record CommandBody
{
    private const int MaxComment = 4000;

    public string? Comment { get; init; }

    /// <summary>What is wrong with it, naming the member and the remedy; null if nothing is.</summary>
    public virtual string? Fault() => Comment is { Length: > MaxComment } ? $"comment: at most {MaxComment} characters." : null;
}

/// <summary>The body of a command that is about what somebody looked at.</summary>
internal abstract record RevisedBody : CommandBody
{
    /// <summary>The revision that they looked at.</summary>
    public int? Revision { get; init; }

    public override string? Fault() =>
        base.Fault() ?? (Revision < 1 ? "revision: the number of the revision that you looked at, as the grant shows it." : null);
}

internal sealed record RejectBody : RevisedBody;

internal sealed record ApproveBody : RevisedBody
{
    /// <summary>The longest that the approver agrees to.</summary>
    public TimeSpan? Duration { get; init; }

    public override string? Fault() => base.Fault() ?? Durations.Fault(Duration);
}

/// <summary>What is given replaces what was asked for.</summary>
internal sealed record EditBody : RevisedBody
{
    public TimeSpan? Duration { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public string? Justification { get; init; }

    public override string? Fault() =>
        base.Fault()
        ?? Durations.Fault(Duration)
        ?? (
            Justification is not null && Justifications.Fault(Justification) is { } fault ? fault
            : Duration is null && NotBefore is null && Justification is null
                ? "Give at least one of duration, notBefore and justification: the rest stays as it was asked for."
            : null
        );
}

internal sealed record RenewBody : CommandBody
{
    /// <summary>For how long, from the moment at which it is granted; as long as it was given before if it isn't said.</summary>
    public TimeSpan? Duration { get; init; }

    public required string Justification { get; init; }

    public override string? Fault() =>
        Comment is not null
            ? "comment: say it in justification, which is kept with the renewal."
            : Durations.Fault(Duration) ?? Justifications.Fault(Justification);
}

internal sealed record RotateBody : CommandBody
{
    /// <summary>Whom the next credential is for; whom the last one was if it isn't said.</summary>
    public RecipientKey? RecipientKey { get; init; }

    public override string? Fault() =>
        base.Fault() ?? (RecipientKey is { } key && RecipientKeys.Fault(key) is { } f ? $"recipientKey.{f.Member}: {f.Remedy}" : null);
}

internal sealed record ReviewBody : RevisedBody
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

internal static class Justifications
{
    private const int Max = 4000;

    public static string? Fault(string text) =>
        string.IsNullOrWhiteSpace(text) || text.Length > Max ? $"justification: 1 to {Max} characters." : null;
}

internal static class Durations
{
    public static string? Fault(TimeSpan? duration) =>
        duration <= TimeSpan.Zero ? "duration: must be longer than zero, for example PT1H." : null;
}
