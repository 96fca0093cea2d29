do $fence$
declare
    login record;
begin
    -- Removals wait for it, and somebody may be reading the table for hours.
    perform set_config('lock_timeout', '1s', true);
    -- Asked for first: where the schema is there already, creating it takes a right that the suite's account need not have.
    if to_regnamespace('governance') is null then
        create schema governance;
    end if;
    if to_regclass('governance.holdings') is null then
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
    if not exists (
        select from pg_catalog.pg_attribute where attrelid = 'governance.holdings'::regclass and attname = 'ended' and not attisdropped
    ) then
        -- Whom it was given to, whatever that role is called by now, and whether the last change took it away.
        alter table governance.holdings
            add column if not exists account_oid oid,
            add column if not exists privilege_oid oid,
            add column if not exists ended boolean;
        update governance.holdings h
        set account_oid = a.oid, privilege_oid = p.oid
        from pg_catalog.pg_roles a, pg_catalog.pg_roles p
        where a.rolname = h.account and p.rolname = h.privilege
            and exists (select from pg_catalog.pg_auth_members where member = a.oid and roleid = p.oid);
    end if;
    if not exists (
        select from pg_catalog.pg_attribute where attrelid = 'governance.holdings'::regclass and attname = 'logins' and not attisdropped
    ) then
        -- The oids of the roles that are there for its grants, each with the name that it was made with.
        alter table governance.holdings add column if not exists logins jsonb;
        for login in
            select oid::text as id, rolname::text as name, shobj_description(oid, 'pg_authid') as note
            from pg_catalog.pg_roles where rolname ~ '_[0-9a-f]{32}_[0-9a-f]{16}$'
        loop
            begin
                update governance.holdings h
                set logins = coalesce(h.logins, '{}') || jsonb_build_object(login.id, login.name)
                where h.account = login.note::jsonb ->> 'account' and h.privilege = login.note::jsonb ->> 'privilege';
            exception when data_exception then
                -- Somebody else's comment.
                null;
            end;
        end loop;
    end if;
exception when unique_violation or duplicate_schema or duplicate_table or duplicate_column then
    -- Another replica was faster. A lock that keeps replicas apart could be held by anybody who may connect.
    null;
end
$fence$
