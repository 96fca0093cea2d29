update issuance.holdings set
    attempts = case when revision = $4 then attempts + $5 else attempts end,
    next_attempt = case when revision = $4 then due.at else clock_timestamp() end,
    claim_owner = null,
    -- An attempt of unknown outcome may still take effect until its hard end: nobody looks before.
    claim_until = case when $6 then claim_until end,
    -- What went wrong when the target was asked stays the cause while it is not asked ($12).
    failure_code = case when revision = $4 then case when $12 and failure_code is not null then failure_code else $7 end end,
    failure_message = case when revision = $4 then case when $12 and failure_code is not null then failure_message else $8 end end,
    failure_attempt = case when revision = $4 then attempts + $5 end,
    failed_at = case when revision = $4 then $9 end,
    failure_next = case when revision = $4 then due.at end,
    failure_due = case when revision = $4 then clock_timestamp() + $11 end
from (
    select greatest(date_trunc('milliseconds', clock_timestamp() + $10),
               case when $6 then date_trunc('milliseconds', claim_until + interval '1 ms') end) as at
    from issuance.holdings where principal = $1 and entitlement = $2
) due
where principal = $1 and entitlement = $2 and claim_owner = $3
returning revision, failure_attempt, failure_next, failure_code, failure_message
