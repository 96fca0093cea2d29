using Governance.Contracts.Lifecycle;
using Governance.Reading;
using Governance.Sealing;

namespace Governance.Lifecycle.Api;

/// <summary>The body of a command from a person: strict, and none at all will do where nothing is required.</summary>
internal record CommandBody
{
    [Text(TextKind.Free, Bounds.FreeTextLength)]
    public string? Comment { get; init; }

    /// <summary>What is wrong with it beyond its members, as <c>member: remedy</c>; null if nothing is.</summary>
    public virtual string? Fault() => null;
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
}

/// <summary>What is given replaces what was asked for.</summary>
internal sealed record EditBody : RevisedBody
{
    public TimeSpan? Duration { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    [Text(TextKind.Free, Bounds.FreeTextLength)]
    public string? Justification { get; init; }

    public override string? Fault() =>
        base.Fault() is { } fault ? fault
        : Duration is null && NotBefore is null && Justification is null
            ? "Give at least one of duration, notBefore and justification: the rest stays as it was asked for."
        : null;
}

internal sealed record RenewBody : CommandBody
{
    /// <summary>For how long, from the moment at which it is granted; as long as it was given before if it isn't said.</summary>
    public TimeSpan? Duration { get; init; }

    [Text(TextKind.Free, Bounds.FreeTextLength)]
    public required string Justification { get; init; }

    public override string? Fault() => Comment is not null ? "comment: say it in justification, which is kept with the renewal." : null;
}

internal sealed record RotateBody : CommandBody
{
    /// <summary>Whom the next credential is for; whom the last one was if it isn't said.</summary>
    [ReadBy(typeof(RecipientKeyReader))]
    public RecipientKey? RecipientKey { get; init; }
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
