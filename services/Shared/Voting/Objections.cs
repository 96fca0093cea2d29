namespace Governance.Voting;

/// <summary>Why somebody may not decide on a request, or their vote does not count: codes that are recorded, and never given another meaning.</summary>
public static class Objections
{
    /// <summary>The catalog does not know them.</summary>
    public const string Unknown = "unknown";

    /// <summary>A message says that it was them; nobody checked.</summary>
    public const string ClaimedOnly = "claimed-only";

    /// <summary>No human.</summary>
    public const string NotHuman = "not-human";

    /// <summary>They have left.</summary>
    public const string Inactive = "inactive";

    /// <summary>They, or an identity of theirs, asked for it.</summary>
    public const string IsRequester = "is-requester";

    /// <summary>They, an identity of theirs or an integration of theirs sent it.</summary>
    public const string IsSender = "is-sender";

    /// <summary>They, or an identity of theirs, get it.</summary>
    public const string IsBeneficiary = "is-beneficiary";

    /// <summary>The grantee acts on behalf of them or of an identity of theirs.</summary>
    public const string IsDelegator = "is-delegator";

    /// <summary>It was for an earlier revision of the request.</summary>
    public const string Stale = "stale";

    /// <summary>The grantee, its account, the target, the privilege or the start is not any more what the vote was for.</summary>
    public const string Changed = "changed";

    /// <summary>They have voted already.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>Policy does not permit them to approve.</summary>
    public const string Policy = "policy";

    /// <summary>No place that is open is for them.</summary>
    public const string NoSlot = "no-slot";
}
