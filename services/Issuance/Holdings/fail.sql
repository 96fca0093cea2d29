update issuance.holdings set
    attempts = case when revision = $4 then attempts + $5 else attempts end,
    next_attempt = case when revision = $4 then due.at else clock_timestamp() end,
    claim_owner = null,
    -- An attempt of unknown outcome may still take effect until its hard end: nobody looks before.
    claim_until = case when $6 then claim_until end,
    failure_code = case when revision = $4 then $7 end,
    failure_message = case when revision = $4 then $8 end,
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
returning revision, failure_attempt, failure_next
