-- One statement changes access, so the server's own clock and its limit of a statement's time end it, whatever becomes of the client.
-- Names come as settings and are quoted here by format(%I): nothing is ever spliced into a statement outside the server.
-- Of a removal, what can be done is done and committed; governance.undone says what could not, and why.
do $change$
declare
    account constant text := current_setting('governance.account');
    privilege constant text := current_setting('governance.privilege');
    holder constant uuid := current_setting('governance.holder')::uuid;
    revision constant bigint := current_setting('governance.revision')::bigint;
    wanted constant boolean := current_setting('governance.wanted')::boolean;
    fenced constant boolean := current_setting('governance.fenced')::boolean;
    deadline constant timestamptz := current_setting('governance.deadline')::timestamptz;
    patience constant timestamptz := clock_timestamp() + least(interval '1 second', (deadline - clock_timestamp()) / 4);
    undone jsonb := '[]';
    -- Whose sessions are to end, as these roles are called now.
    accounts jsonb := '[]';
    written bigint;
    -- Whom the fence says that it was given to.
    known_account oid;
    known_privilege oid;
    -- Whom it was given to, if that role is gone: its sessions are not.
    dropped oid;
    -- Of statements about logins: the roles that are there for grants of this holding.
    login_roles jsonb := '[]';
begin
    -- Whoever may connect can hold this lock, also to keep the access. It only keeps changes of one membership from failing each other; what
    -- keeps older ones out is the fence, which is the suite's alone.
    while not pg_try_advisory_xact_lock(hashtextextended(length(account) || ':' || account || ':' || privilege, 5870421893))
        and clock_timestamp() < patience
    loop
        perform pg_sleep(0.01);
    end loop;
    if clock_timestamp() >= deadline then
        raise exception using errcode = 'GV001', message = 'The attempt''s time was over.';
    end if;

    if fenced then
        begin
            insert into governance.holdings as fence
                (account, privilege, holder, revision, changed_at, ended, account_oid, privilege_oid)
            values (account, privilege, holder, revision, clock_timestamp(), not wanted,
                case when wanted then to_regrole(quote_ident(account)) end, case when wanted then to_regrole(quote_ident(privilege)) end)
            on conflict on constraint holdings_pkey do update
                set revision = excluded.revision, changed_at = excluded.changed_at, ended = excluded.ended,
                    -- Once it was taken away, a name is whoever bears it then.
                    (account_oid, privilege_oid) = (
                        select case when renewed.fresh then excluded.account_oid else fence.account_oid end,
                            case when renewed.fresh then excluded.privilege_oid else fence.privilege_oid end
                        from (select fence.privilege_oid is null or excluded.privilege_oid is not null and fence.ended and not exists (
                            select from pg_catalog.pg_auth_members m
                            where m.roleid = fence.privilege_oid and (
                                m.member = fence.account_oid
                                -- An older fence has no logins yet.
                                or jsonb_exists(nullif(to_jsonb(fence) -> 'logins', 'null'), m.member::text))
                        ) as fresh) renewed)
                where fence.revision <= excluded.revision
            returning fence.account_oid, fence.privilege_oid into known_account, known_privilege;
            get diagnostics written = row_count;
        exception when lock_not_available then
            if wanted then
                raise;
            end if;
            -- Nobody keeps access by holding this row; the attempt counts only once it is written.
            written := 1;
            undone := undone || jsonb_build_object('code', 'fence', 'what', 'The fence can''t be raised.');
        end;
        if written = 0 then
            if exists (
                select from governance.holdings h
                where h.account = current_setting('governance.account') and h.privilege = current_setting('governance.privilege')
                    and h.holder = current_setting('governance.holder')::uuid and h.revision > current_setting('governance.revision')::bigint
            ) then
                raise exception using errcode = 'GV002', message = 'A higher revision of this holding was applied already.';
            elsif wanted then
                raise exception using errcode = 'GV006',
                    message = 'A trigger or rule on governance.holdings keeps the fence from being raised: nobody but the suite may have one there.';
            end if;
            -- Nobody keeps access by that either.
            undone := undone || jsonb_build_object('code', 'refused',
                'what', 'A trigger or rule on governance.holdings keeps the fence from being raised: drop it.');
        end if;
    end if;

{change}
    if clock_timestamp() >= deadline then
        raise exception using errcode = 'GV001', message = 'The attempt''s time was over.';
    end if;
    perform set_config('governance.undone', undone::text, true), set_config('governance.accounts', accounts::text, true),
        set_config('governance.dropped', coalesce(dropped::text, ''), true);
end
$change$
