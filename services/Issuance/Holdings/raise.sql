-- Several holdings, each once, in the order in which whoever changes several takes their rows.
with asked as (
    select principal, entitlement, revision, leases, target, account, privilege, trace,
        -- The end is no further away than it was when it was sent, also where our clock is behind the sender's.
        least(last_until, clock_timestamp() + (last_until - sent_at)) as last_until
    from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        as a (principal, entitlement, revision, leases, target, account, privilege, trace, last_until, sent_at)
    order by principal, entitlement
),
before as (
    select h.principal, h.entitlement, h.last_until
    from asked a join issuance.holdings h on h.principal = a.principal and h.entitlement = a.entitlement
),
raised as (
    insert into issuance.holdings as h (principal, entitlement, revision, leases, target, account, privilege, trace, last_until, raised_at, next_attempt)
    select a.*, clock_timestamp(), clock_timestamp() from asked a
    on conflict (principal, entitlement) do update set
        revision = excluded.revision,
        leases = excluded.leases,
        trace = excluded.trace,
        last_until = excluded.last_until,
        ending = false,
        -- An unmet removal keeps its age when it is asked for again.
        raised_at = case
            when h.removing and excluded.leases = '[]'::jsonb and h.observed_revision is distinct from h.revision then h.raised_at
            else excluded.raised_at end,
        next_attempt = excluded.next_attempt,
        attempts = 0,
        failure_code = null, failure_message = null, failure_attempt = null, failed_at = null, failure_next = null, failure_due = null,
        -- Where nothing of ours is left, a new place simply replaces the old. Else the old place is emptied first, and what is to be taken
        -- away is taken from the place where it is.
        target = case when h.removing and h.observed_revision = h.revision and h.next_attempt is null then excluded.target else h.target end,
        account = case when h.removing and h.observed_revision = h.revision and h.next_attempt is null then excluded.account else h.account end,
        privilege = case when h.removing and h.observed_revision = h.revision and h.next_attempt is null then excluded.privilege else h.privilege end,
        pre_existing = case when h.removing and h.observed_revision = h.revision and h.next_attempt is null then null else h.pre_existing end,
        -- What was seen gone begins anew, also where it was taken away because it was over.
        remembered = case
            when (h.removing or h.observed_ending) and h.observed_revision = h.revision and h.next_attempt is null
                and h.observed ->> 'direct' = 'false'
            then null else h.remembered end,
        moving_to = case
            when excluded.leases = '[]'::jsonb
                or (h.removing and h.observed_revision = h.revision and h.next_attempt is null)
                or (h.target, h.account, h.privilege) = (excluded.target, excluded.account, excluded.privilege)
            then null
            else jsonb_build_object('target', excluded.target, 'account', excluded.account, 'privilege', excluded.privilege) end
    where h.revision < excluded.revision
    returning h.principal, h.entitlement, h.revision, h.target, h.removing
)
-- With the end of what is to be taken away.
select principal, entitlement, revision, target, case when removing then before.last_until end, @notify
from raised left join before using (principal, entitlement)
