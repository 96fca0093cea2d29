-- Removals first: they take all free places, what gives access only what is left, and never the last place ($3 leaves it out).
with removals as (
    select principal, entitlement
    from issuance.holdings
    where @target
      and next_attempt <= clock_timestamp()
      and (claim_until is null or claim_until <= clock_timestamp())
      and (removing or moving_to is not null)
    order by next_attempt
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
    order by next_attempt
    limit greatest(0, least($3, $2 - (select count(*) from removals)))
    for update skip locked
)
update issuance.holdings h set
    claim_owner = $4,
    claim_until = clock_timestamp() + $5
from (select * from removals union all select * from gifts) due
where h.principal = due.principal and h.entitlement = due.entitlement
returning h.principal, h.entitlement, h.revision, h.leases, h.target, h.account, h.privilege, h.moving_to is not null,
    h.attempts, h.pre_existing, h.trace
