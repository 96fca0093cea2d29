create schema if not exists issuance;

create table if not exists issuance.holdings (
    principal text not null,
    entitlement text not null,
    -- What should be.
    revision bigint not null check (revision > 0),
    leases jsonb not null,
    removing boolean not null generated always as (leases = '[]'::jsonb) stored,
    target text not null,
    account text not null,
    privilege text not null,
    -- Another place where it should be once it is gone from the present one.
    moving_to jsonb,
    raised_at timestamptz not null,
    trace text,
    -- When the last lease ends: some time after it the holding ends, whatever is desired. Null when nothing is.
    last_until timestamptz,
    -- The work: null when the target was seen to match.
    next_attempt timestamptz,
    attempts integer not null default 0,
    -- Nobody claims before claim_until, also when the owner has given up without knowing the outcome.
    claim_owner uuid,
    claim_until timestamptz,
    -- Claimed since the last lease was over: from then on next_attempt alone says when.
    ending boolean not null default false,
    -- What was seen.
    pre_existing boolean,
    observed_revision bigint,
    observed_at timestamptz,
    observed jsonb,
    observed_ending boolean not null default false,
    -- Answers that nobody has confirmed yet; null when answered.
    answer_due timestamptz,
    failure_code text,
    failure_message text,
    failure_attempt integer,
    failed_at timestamptz,
    failure_next timestamptz,
    failure_due timestamptz,
    primary key (principal, entitlement)
);

create index if not exists holdings_answer_due on issuance.holdings (answer_due) where answer_due is not null;
create index if not exists holdings_failure_due on issuance.holdings (failure_due) where failure_due is not null;

alter table issuance.holdings
    add column if not exists last_until timestamptz,
    add column if not exists ending boolean not null default false,
    add column if not exists observed_ending boolean not null default false,
    -- When this revision was first seen as it was seen last; null until it is seen by a version that keeps it.
    add column if not exists first_observed_at timestamptz,
    -- What the connector has to know again and can't keep at the target: written before it gives, kept until it was seen gone.
    add column if not exists remembered text;
update issuance.holdings
set last_until = (select max((lease ->> 'until')::timestamptz) from jsonb_array_elements(leases) lease)
where last_until is null and not removing;
alter table issuance.holdings
    -- When the target was last asked about it, and Lifecycle last told, by the database's clock.
    add column if not exists read_at timestamptz,
    add column if not exists told_at timestamptz,
    -- What was seen last was seen while nothing was asked for.
    add column if not exists reread boolean not null default false;
update issuance.holdings set read_at = clock_timestamp(), told_at = clock_timestamp() where read_at is null and observed_at is not null;
create index if not exists holdings_read_at on issuance.holdings (target, read_at) where next_attempt is null and not removing;
create index if not exists holdings_last_until on issuance.holdings (target, last_until) where last_until is not null and not ending;
-- What claim.sql reads in its order, however much is due.
create index if not exists holdings_removals on issuance.holdings (target, next_attempt)
    where next_attempt is not null and (removing or moving_to is not null or ending);
create index if not exists holdings_gifts on issuance.holdings (target, next_attempt)
    where next_attempt is not null and not (removing or moving_to is not null or ending);
drop index if exists issuance.holdings_next;

create table if not exists issuance.credentials (
    grant_id uuid primary key,
    number integer not null check (number > 0),
    principal text not null,
    entitlement text not null,
    -- A JWE that only its recipient can open; null when it was taken.
    sealed text,
    made_at timestamptz not null,
    taken_at timestamptz
);

create index if not exists credentials_of_holding on issuance.credentials (principal, entitlement);

-- Who each target is: the identity that was accepted (null where it tells none), and another one that was seen since.
create table if not exists issuance.targets (
    id text primary key,
    identity text,
    accepted_at timestamptz not null,
    -- Null while it is the one that was seen first.
    accepted_by text,
    acceptance uuid,
    other text,
    other_since timestamptz
);

-- When a holding of the target was last read again, for all replicas.
alter table issuance.targets add column if not exists read_again_at timestamptz;

-- Which replica last tried a removal at a target that is left alone, and which one waits for its turn.
create table if not exists issuance.probes (
    target text primary key,
    at timestamptz not null,
    by uuid not null,
    waiting uuid,
    waiting_at timestamptz
);
