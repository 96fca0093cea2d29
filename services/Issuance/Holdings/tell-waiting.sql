-- Those that have failed by themselves keep the cause of that. The answers are published like any that could not be at once. What is told of is
-- the attempt that waits; it has the same number when it is made.
with waiting as (
    select principal, entitlement, row_number() over (order by next_attempt) as turn
    from (
        select principal, entitlement, next_attempt
        from issuance.holdings
        where target = $1
          and (removing or moving_to is not null or ending)
          and next_attempt <= statement_timestamp()
          and (claim_until is null or claim_until <= statement_timestamp())
          and failure_code is null
        order by next_attempt
        limit 500
        for update skip locked) due
)
update issuance.holdings h set
    failure_code = $2, failure_message = $3, failure_attempt = h.attempts + 1, failed_at = $4,
    failure_next = date_trunc('milliseconds', clock_timestamp() + interval '1 second' * waiting.turn),
    failure_due = clock_timestamp()
from waiting
where h.principal = waiting.principal and h.entitlement = waiting.entitlement
