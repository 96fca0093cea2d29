with due as (
    select principal, entitlement
    from issuance.holdings
    where (case when $1::text is null then target <> all ($2) else target = $1 end)
      and next_attempt <= clock_timestamp()
      and (claim_until is null or claim_until <= clock_timestamp())
      and (removing or moving_to is not null) = $3
    order by next_attempt
    limit $4
    for update skip locked
)
update issuance.holdings h set
    claim_owner = $5,
    claim_until = clock_timestamp() + $6
from due
where h.principal = due.principal and h.entitlement = due.entitlement
returning h.principal, h.entitlement, h.revision, h.leases, h.target, h.account, h.privilege, h.moving_to is not null,
    h.attempts, h.pre_existing, h.trace
