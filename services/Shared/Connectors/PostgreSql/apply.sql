-- One statement changes access, so the server's own clock and statement_timeout end it, whatever becomes of the client.
-- Names come as settings and are quoted here by format(%I): nothing is ever spliced into a statement outside the server.
do $apply$
declare
    account constant text := current_setting('governance.account');
    privilege constant text := current_setting('governance.privilege');
    holder constant uuid := current_setting('governance.holder')::uuid;
    revision constant bigint := current_setting('governance.revision')::bigint;
    wanted constant boolean := current_setting('governance.wanted')::boolean;
    fenced constant boolean := current_setting('governance.fenced')::boolean;
    deadline constant timestamptz := current_setting('governance.deadline')::timestamptz;
    account_id oid;
    privilege_id oid;
    other_grantor text;
    written bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended(length(account) || ':' || account || ':' || privilege, 5870421893));
    if clock_timestamp() >= deadline then
        raise exception using errcode = 'GV001', message = 'The attempt''s time was over.';
    end if;

    if fenced then
        insert into governance.holdings as fence (account, privilege, holder, revision, changed_at)
        values (account, privilege, holder, revision, clock_timestamp())
        on conflict on constraint holdings_pkey do update
            set revision = excluded.revision, changed_at = excluded.changed_at
            where fence.revision <= excluded.revision;
        get diagnostics written = row_count;
        if written = 0 then
            raise exception using errcode = 'GV002', message = 'A higher revision of this holding was applied already.';
        end if;
    end if;

    select oid into account_id from pg_catalog.pg_roles where rolname = account;
    select oid into privilege_id from pg_catalog.pg_roles where rolname = privilege;
    if wanted then
        if account_id is null then
            raise exception using errcode = 'GV003', message = 'The account does not exist.';
        elsif privilege_id is null then
            raise exception using errcode = 'GV004', message = 'The privilege does not exist.';
        end if;
        execute format('grant %I to %I', privilege, account);
    elsif account_id is not null and privilege_id is not null then
        if exists (select from pg_catalog.pg_auth_members where roleid = privilege_id and member = account_id) then
            execute format('revoke %I from %I', privilege, account);
        end if;
        -- From version 16 on, the same membership may have been granted by several; reading back shows those that we may not revoke.
        for other_grantor in
            select r.rolname from pg_catalog.pg_auth_members m join pg_catalog.pg_roles r on r.oid = m.grantor
            where m.roleid = privilege_id and m.member = account_id
        loop
            begin
                execute format('revoke %I from %I granted by %I', privilege, account, other_grantor);
            exception when insufficient_privilege then
                null;
            end;
        end loop;
    end if;

    if clock_timestamp() >= deadline then
        raise exception using errcode = 'GV001', message = 'The attempt''s time was over.';
    end if;
end
$apply$
