using Governance.Issuance.Holdings;
using Governance.Issuance.Targets;

namespace Governance.Issuance.Drift;

internal static class DriftSql
{
    /// <summary>Takes what is to be read again next at the target $1: none when none was read longer ago than $2, or another was read within $3.</summary>
    public static readonly string Next = HoldingSql.Load("read-next.sql");

    /// <summary>Stores what was read again. No row comes back where anything else has come meanwhile, or another target answered.</summary>
    public static readonly string Record = $"""
        update issuance.holdings set
            first_observed_at = case when observed ->> 'direct' = $5 ->> 'direct' then coalesce(first_observed_at, observed_at) else $6 end,
            observed = $5, observed_at = $6, reread = true,
            -- What a version before gave is remembered once it is seen.
            remembered = coalesce(remembered, $10),
            told_at = case when $7 then clock_timestamp() else told_at end,
            answer_due = case when $7 then clock_timestamp() + $8 end
        where principal = $1 and entitlement = $2 and revision = $3 and observed_revision = $3 and observed_at = $4
            and next_attempt is null and answer_due is null
            and {TargetRegister.Counts("target", "$9")}
        returning pre_existing, observed_ending, first_observed_at
        """;
}
