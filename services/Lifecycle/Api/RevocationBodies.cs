using Governance.Lifecycle.KillSwitch;

namespace Governance.Lifecycle.Api;

internal sealed record PreviewBody
{
    public const int MaxLimit = 200;

    public required RevocationSelector Selector { get; init; }

    /// <summary>How many grants are shown.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>The value of <c>next</c> of the page before.</summary>
    public Guid? Cursor { get; init; }

    public string? Fault() =>
        Selectors.Fault(Selector) ?? (Limit is < 0 or > MaxLimit ? $"limit: must be between 0 and {MaxLimit}." : null);
}

internal sealed record RevokeBody
{
    private const int MaxReason = 4000;

    public required RevocationSelector Selector { get; init; }

    public required string Reason { get; init; }

    /// <summary>How many the operator knows that it hits: needed where it is many.</summary>
    public int? Confirm { get; init; }

    public string? Fault() =>
        Selectors.Fault(Selector)
        ?? (
            string.IsNullOrWhiteSpace(Reason) || Reason.Length > MaxReason ? $"reason: say why, in 1 to {MaxReason} characters."
            : Confirm < 0 ? "confirm: must be the number of grants that the preview names."
            : null
        );
}

internal static class Selectors
{
    private const int MaxName = 500;

    public static string? Fault(RevocationSelector selector)
    {
        var members = new (string Name, string? Value)[]
        {
            ("principal", selector.Principal),
            ("owner", selector.Owner),
            ("target", selector.Target),
            ("entitlement", selector.Entitlement),
            ("ticket.key", selector.Ticket?.Key),
            ("ticket.system", selector.Ticket?.System),
            ("bundle", selector.Bundle),
        };
        return Array.TrueForAll(members, m => m.Value is null)
                ? "selector: give at least one of principal, owner, target, entitlement, ticket and bundle; what is given has to hold together."
            : members.FirstOrDefault(m => m.Value is { } v && (string.IsNullOrWhiteSpace(v) || v.Length > MaxName)) is { Name: { } wrong }
                ? $"selector.{wrong}: 1 to {MaxName} characters, or leave it out."
            : null;
    }
}
