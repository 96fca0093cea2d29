-- Two replicas may do this at once.
do $fence$
begin
    perform pg_advisory_xact_lock(5870421894);
    if to_regclass('governance.holdings') is null then
        create schema if not exists governance;
        create table governance.holdings (
            account text not null,
            privilege text not null,
            holder uuid not null,
            revision bigint not null,
            changed_at timestamptz not null,
            constraint holdings_pkey primary key (account, privilege, holder)
        );
        comment on table governance.holdings is
            'Highest revision that the access governance suite applied for each holding. A lower one is refused.';
    end if;
end
$fence$
