using Governance.Lifecycle.KillSwitch;
using Governance.Reading;

namespace Governance.Lifecycle.Api;

internal sealed record PreviewBody
{
    public const int MaxLimit = 200;

    public required RevocationSelector Selector { get; init; }

    /// <summary>How many grants are shown.</summary>
    [Within(0, MaxLimit)]
    public int Limit { get; init; } = 50;

    /// <summary>The value of <c>next</c> of the page before.</summary>
    public Guid? Cursor { get; init; }

    public string? Fault() => Selectors.Fault(Selector);
}

internal sealed record RevokeBody
{
    public required RevocationSelector Selector { get; init; }

    [Text(TextKind.Free, Bounds.FreeTextLength)]
    public required string Reason { get; init; }

    /// <summary>How many the operator knows that it hits: needed where it is many, and never another number.</summary>
    [Within(0)]
    public int? Confirm { get; init; }

    public string? Fault() => Selectors.Fault(Selector);
}

internal static class Selectors
{
    public static string? Fault(RevocationSelector selector) =>
        Array.TrueForAll(
            [selector.Principal, selector.Owner, selector.Target, selector.Entitlement, selector.Ticket?.Key, selector.Bundle],
            value => value is null
        )
            ? "selector: give at least one of principal, owner, target, entitlement, ticket and bundle; what is given has to hold together."
            : null;
}
