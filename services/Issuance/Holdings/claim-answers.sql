with due as (
    select principal, entitlement,
           coalesce(answer_due <= statement_timestamp(), false) as answer,
           coalesce(failure_due <= statement_timestamp(), false) as failure
    from issuance.holdings
    where answer_due <= statement_timestamp() or failure_due <= statement_timestamp()
    limit 50
    for update skip locked
)
update issuance.holdings h set
    answer_due = case when due.answer then clock_timestamp() + $1 else h.answer_due end,
    failure_due = case when due.failure then clock_timestamp() + $1 else h.failure_due end
from due
where h.principal = due.principal and h.entitlement = due.entitlement
returning h.principal, h.entitlement, due.answer, h.observed_revision, h.observed, h.pre_existing,
    h.observed_ending, due.failure, h.revision, h.failure_attempt, h.failure_code, h.failure_message, h.failed_at, h.failure_next,
    h.first_observed_at, h.reread
