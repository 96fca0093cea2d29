-- A row is never deleted: after firing, acknowledging or cancelling it stays as a tombstone that keeps the highest revision.
create table expiry.deadlines (
    grant_id       uuid        not null,
    kind           text        not null check (length(kind) between 1 and 64),
    revision       bigint      not null,
    state          text        not null check (state in ('armed', 'fired', 'acknowledged', 'cancelled')),
    due            timestamptz null,     -- null: settled before it was ever set
    armed_at       timestamptz null,
    next_firing    timestamptz null,     -- when to fire (again)
    firings        integer     not null default 0,
    first_fired_at timestamptz null,
    settled_at     timestamptz null,
    trace_parent   text        null,     -- W3C trace context of what set it
    primary key (grant_id, kind),
    check ((next_firing is not null) = (state in ('armed', 'fired')))
);

create index deadlines_next_firing on expiry.deadlines (next_firing) where next_firing is not null;
create index deadlines_unacknowledged on expiry.deadlines (first_fired_at) where state = 'fired';
