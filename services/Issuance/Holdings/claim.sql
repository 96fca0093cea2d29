-- Removals first: they take all free places, what gives access only what is left, and never the last place ($3 leaves it out). Where the
-- target is left alone, it is the one that asks whether it is back, or none ($8), and its turn is that of who waits longest.
-- A holding whose last lease is over for $6 is to be removed, whatever is desired.
-- The clock's time could not be looked up in an index, since it changes from row to row; the statement's does not.
-- What was asked for goes before what nobody asked for yet, and that waits while those are asked for that were over before ($7): either need
-- not be done again then. That ends when it is over for twice as long.
with forgotten as (
    select principal, entitlement
    from issuance.holdings
    where @target
      and not ending and last_until <= statement_timestamp() - 2 * $6
      and (claim_until is null or claim_until <= statement_timestamp())
    order by last_until
    limit $8
    for update skip locked
),
removals as (
    select principal, entitlement, coalesce(last_until <= statement_timestamp() - $6, false) as ending
    from issuance.holdings
    where @target
      and (removing or moving_to is not null or ending)
      and next_attempt <= statement_timestamp()
      and (claim_until is null or claim_until <= statement_timestamp())
      and (principal, entitlement) not in (select principal, entitlement from forgotten)
    order by next_attempt
    limit $8 - (select count(*) from forgotten)
    for update skip locked
),
overdue as (
    select principal, entitlement
    from issuance.holdings
    where @target
      and not ending and last_until <= statement_timestamp() - $6 and last_until > statement_timestamp() - 2 * $6
      and last_until < coalesce($7, 'infinity')
      and (claim_until is null or claim_until <= statement_timestamp())
      and (principal, entitlement) not in (select principal, entitlement from removals)
    order by last_until
    limit $8 - (select count(*) from forgotten) - (select count(*) from removals)
    for update skip locked
),
gifts as (
    select principal, entitlement
    from issuance.holdings
    where @target
      and not (removing or moving_to is not null or ending)
      and next_attempt <= statement_timestamp()
      and (claim_until is null or claim_until <= statement_timestamp())
      and last_until > statement_timestamp()
    order by next_attempt
    limit greatest(0, least($3,
        $2 - (select count(*) from forgotten) - (select count(*) from removals) - (select count(*) from overdue)))
    for update skip locked
)
update issuance.holdings h set
    claim_owner = $4,
    claim_until = clock_timestamp() + $5,
    -- Else an attempt that dies would leave it as settled.
    next_attempt = coalesce(h.next_attempt, clock_timestamp()),
    attempts = case when due.ending and not h.ending then 0 else h.attempts end,
    ending = due.ending
from (
    select principal, entitlement, true as ending from forgotten
    union all select principal, entitlement, ending from removals
    union all select principal, entitlement, true from overdue
    union all select principal, entitlement, false from gifts
    -- Never more, so this takes nothing away: it tells the planner that they are few.
    limit 64
) due
where h.principal = due.principal and h.entitlement = due.entitlement
returning h.principal, h.entitlement, h.revision,
    -- Where each grant has its own account, what is over for long is not made, or kept, because another lasts longer.
    (select coalesce(jsonb_agg(lease), '[]') from jsonb_array_elements(h.leases) lease
        where (lease ->> 'until')::timestamptz > clock_timestamp() - $6),
    h.target, h.account, h.privilege, h.moving_to is not null,
    h.attempts, h.pre_existing, h.trace, h.ending, h.observed_at, h.remembered
