do $fence$
begin
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
exception when unique_violation or duplicate_schema or duplicate_table then
    -- Another replica was faster. A lock that keeps replicas apart could be held by anybody who may connect.
    null;
end
$fence$
