namespace Governance.Cedar.Decisions;

/// <summary>Why an approval was not counted; see the decision contract.</summary>
internal static class UncountedCodes
{
    public const string ClaimedOnly = "claimed-only";
    public const string NotHuman = "not-human";
    public const string Inactive = "inactive";
    public const string IsRequester = "is-requester";
    public const string IsBeneficiary = "is-beneficiary";
    public const string IsDelegator = "is-delegator";
    public const string Unknown = "unknown";
    public const string Stale = "stale";
    public const string Duplicate = "duplicate";
    public const string Policy = "policy";
    public const string NoSlot = "no-slot";
}
