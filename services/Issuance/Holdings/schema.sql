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
    -- The work: null when the target was seen to match.
    next_attempt timestamptz,
    attempts integer not null default 0,
    -- Nobody claims before claim_until, also when the owner has given up without knowing the outcome.
    claim_owner uuid,
    claim_until timestamptz,
    -- What was seen.
    pre_existing boolean,
    observed_revision bigint,
    observed_at timestamptz,
    observed jsonb,
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

create index if not exists holdings_next on issuance.holdings (target, next_attempt) where next_attempt is not null;
create index if not exists holdings_answer_due on issuance.holdings (answer_due) where answer_due is not null;
create index if not exists holdings_failure_due on issuance.holdings (failure_due) where failure_due is not null;
