using Governance.Contracts.Decisions;

namespace Governance.Lifecycle.Facts;

/// <summary>What facts are wanted about.</summary>
public sealed record FactsQuestion
{
    public required RequestFacts Request { get; init; }

    /// <summary>Opaque id of the grantee.</summary>
    public required string Principal { get; init; }

    public required string Entitlement { get; init; }

    /// <summary>On whose behalf the grantee acts, nearest first; null for its own.</summary>
    public IReadOnlyList<string>? OnBehalfOf { get; init; }

    /// <summary>Whether the ticket is closed, whatever its state is called.</summary>
    public bool TicketClosed { get; init; }

    /// <summary>Who verifiably sent the request, a principal or <c>broker:USER</c>; empty for nobody, or where it doesn't matter.</summary>
    public string Sender { get; init; } = "";

    /// <summary>Who is known to stand behind the request, whom it names included.</summary>
    public IReadOnlyList<string> KnownBehind { get; init; } = [];

    public IReadOnlyList<ApprovalFacts> Approvals { get; init; } = [];

    /// <summary>Who reviews; null unless a review is decided on.</summary>
    public string? Reviewer { get; init; }

    /// <summary>Whether the request said to whom a credential is sealed, should the target need one.</summary>
    public bool HasRecipientKey { get; init; } = true;

    /// <summary>Only what was asked for before this counts as held; null for everything. So of two that conflict the later one goes.</summary>
    public DateTimeOffset? HeldBefore { get; init; }
}
