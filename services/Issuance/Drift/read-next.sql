-- The one that was read longest ago, of those that match what is desired as far as anybody knows. What is being given or taken away is read
-- back by that. Replicas share the target's turn.
with back as (
    -- The database's clock was set back: else they would wait until it has come that far again.
    update issuance.holdings set read_at = statement_timestamp()
    where target = $1 and next_attempt is null and not removing and read_at > statement_timestamp()
),
due as (
    select principal, entitlement
    from issuance.holdings
    where target = $1 and next_attempt is null and not removing and not ending
      and observed_revision = revision and answer_due is null
      and last_until > statement_timestamp()
      and read_at <= statement_timestamp() - $2
    order by read_at
    limit 1
    for update skip locked
),
turn as (
    update issuance.targets set read_again_at = clock_timestamp()
    where id = $1 and exists (select from due)
      and (read_again_at is null or read_again_at <= clock_timestamp() - $3 or read_again_at > clock_timestamp())
    returning id
)
update issuance.holdings h set read_at = clock_timestamp()
from due, turn
where h.principal = due.principal and h.entitlement = due.entitlement
returning h.principal, h.entitlement, h.revision, h.account, h.privilege, h.leases, h.observed, h.observed_at,
    h.told_at is null or h.told_at <= clock_timestamp() - $4 or h.told_at > clock_timestamp(),
    h.remembered
