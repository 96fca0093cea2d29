-- Removals first: they take all free places, what gives access only what is left, and never the last place ($3 leaves it out).
-- A holding whose last lease is over for $6 is to be removed, whatever is desired.
with removals as (
    select principal, entitlement, coalesce(last_until <= clock_timestamp() - $6, false) as ending
    from issuance.holdings
    where @target
      and (next_attempt <= clock_timestamp() or (not ending and last_until <= clock_timestamp() - $6))
      and (claim_until is null or claim_until <= clock_timestamp())
      and (removing or moving_to is not null or last_until <= clock_timestamp() - $6)
    order by coalesce(next_attempt, last_until)
    limit $2
    for update skip locked
),
gifts as (
    select principal, entitlement
    from issuance.holdings
    where @target
      and next_attempt <= clock_timestamp()
      and (claim_until is null or claim_until <= clock_timestamp())
      and not (removing or moving_to is not null)
      and last_until > clock_timestamp()
    order by next_attempt
    limit greatest(0, least($3, $2 - (select count(*) from removals)))
    for update skip locked
)
update issuance.holdings h set
    claim_owner = $4,
    claim_until = clock_timestamp() + $5,
    -- Else an attempt that dies would leave it as settled.
    next_attempt = coalesce(h.next_attempt, clock_timestamp()),
    attempts = case when due.ending and not h.ending then 0 else h.attempts end,
    ending = due.ending
from (select principal, entitlement, ending from removals union all select principal, entitlement, false from gifts) due
where h.principal = due.principal and h.entitlement = due.entitlement
returning h.principal, h.entitlement, h.revision,
    -- Where each grant has its own account, what is over for long is not made, or kept, because another lasts longer.
    (select coalesce(jsonb_agg(lease), '[]') from jsonb_array_elements(h.leases) lease
        where (lease ->> 'until')::timestamptz > clock_timestamp() - $6),
    h.target, h.account, h.privilege, h.moving_to is not null,
    h.attempts, h.pre_existing, h.trace, h.ending
