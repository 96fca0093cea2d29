    declare
        account_id constant oid := to_regrole(quote_ident(account));
        privilege_id constant oid := to_regrole(quote_ident(privilege));
        -- Whose memberships the suite's right to grant comes from: its own role, and those that it is a member of.
        suite constant oid[] := array(
            with recursive roles (id) as (
                select oid from pg_catalog.pg_roles where rolname in (current_user, session_user)
                union
                select m.roleid from roles join pg_catalog.pg_auth_members m on m.member = roles.id
            )
            select id from roles);
        renamed text;
        held record;
        other_grantor text;
    begin
        if wanted then
            -- Whoever bears the name now is somebody else, as long as the one that it was given to is there.
            select format('%s, which is called %s now', h.given, r.rolname) into renamed
            from (values (known_account, account_id, account), (known_privilege, privilege_id, privilege)) h (id, named, given)
            join pg_catalog.pg_roles r on r.oid = h.id
            where h.id is distinct from h.named
            limit 1;
            if renamed is not null then
                raise exception using errcode = 'GV010',
                    message = format('This access was given to, or by, %s: it is not given to whoever bears that name now.', renamed);
            end if;
            if account_id is null then
                raise exception using errcode = 'GV003', message = 'The account does not exist.';
            elsif privilege_id is null then
                raise exception using errcode = 'GV004', message = 'The privilege does not exist.';
            elsif exists (
                select from pg_catalog.pg_roles s where s.rolsuper and pg_catalog.pg_has_role(account_id, s.oid, 'MEMBER')
            ) then
                raise exception using errcode = 'GV009', message = format(
                    '%s is a superuser, or may act as one, whom no membership gives anything and no end takes anything from.', account);
            elsif exists (
                select from pg_catalog.pg_roles where oid = account_id and rolname in (current_user, session_user)
                union all
                select from pg_catalog.pg_auth_members where member = account_id and account_id = any (suite) and admin_option
            ) or exists (
                -- From version 16 on, what somebody granted goes when his own right to grant goes.
                with recursive grantors (id) as (
                    select grantor from pg_catalog.pg_auth_members where member = any (suite) and admin_option
                    union
                    select m.grantor from grantors join pg_catalog.pg_auth_members m on m.member = grantors.id and m.admin_option
                )
                select from grantors where id = account_id
            ) then
                raise exception using errcode = 'GV009', message = format(
                    'The suite''s right to grant comes from %s: when a grant of that role ends, nobody''s access could be taken away any more.',
                    account);
            end if;
            -- Else, where the account does not inherit, what is active would open nothing. Before version 16 only the account can say so.
            execute format('grant %I to %I', privilege, account)
                || case when current_setting('server_version_num')::int >= 160000 then ' with inherit true, set true' else '' end;
            if fenced and (known_account, known_privilege) is distinct from (account_id, privilege_id) then
                -- What it was given to before is not there any more.
                update governance.holdings h set account_oid = account_id, privilege_oid = privilege_id
                where h.account = current_setting('governance.account') and h.privilege = current_setting('governance.privilege')
                    and h.holder = current_setting('governance.holder')::uuid;
            end if;
        else
            select known_account into dropped
            where known_account is not null and not exists (select from pg_catalog.pg_roles where oid = known_account);
            for held in
                select distinct a.rolname as account, p.rolname as privilege, a.oid as account_id, p.oid as privilege_id
                from (values (account_id, privilege_id), (known_account, known_privilege)) h (account_id, privilege_id)
                join pg_catalog.pg_roles a on a.oid = h.account_id
                join pg_catalog.pg_roles p on p.oid = h.privilege_id
            loop
                accounts := accounts || to_jsonb(held.account::text);
                if held.account_id = any (suite) and exists (
                    select from pg_catalog.pg_auth_members
                    where roleid = held.privilege_id and member = held.account_id and admin_option
                ) and not exists (select from pg_catalog.pg_roles where rolname = current_user and rolsuper) then
                    undone := undone || jsonb_build_object('code', 'refused', 'what', format(
                        '%s stays a member of %s, since the suite''s right to grant that comes from it: nobody''s access could be taken away any more.',
                        held.account, held.privilege));
                    continue;
                end if;
                begin
                    if exists (select from pg_catalog.pg_auth_members where roleid = held.privilege_id and member = held.account_id) then
                        begin
                            execute format('revoke %I from %I', held.privilege, held.account);
                        exception when dependent_objects_still_exist then
                            -- Somebody let the account hand on what the suite gave it: that is there by this grant only, and goes with it.
                            undone := undone || jsonb_build_object('code', 'noted', 'what', (
                                select format('%s was given to %s by %s', held.privilege, string_agg(d.rolname, ', ' order by d.rolname), held.account)
                                from pg_catalog.pg_auth_members m join pg_catalog.pg_roles d on d.oid = m.member
                                where m.grantor = held.account_id and m.roleid = held.privilege_id));
                            execute format('revoke %I from %I cascade', held.privilege, held.account);
                        end;
                    end if;
                    -- From version 16 on, the same membership may have been granted by several; reading back shows those that we may not
                    -- revoke, and those that something depends on.
                    for other_grantor in
                        select r.rolname from pg_catalog.pg_auth_members m join pg_catalog.pg_roles r on r.oid = m.grantor
                        where m.roleid = held.privilege_id and m.member = held.account_id
                    loop
                        begin
                            execute format('revoke %I from %I granted by %I', held.privilege, held.account, other_grantor);
                        exception when insufficient_privilege or dependent_objects_still_exist then
                            null;
                        end;
                    end loop;
                exception when lock_not_available then
                    undone := undone || jsonb_build_object('code', 'blocked',
                        'what', format('%s can''t be taken out of %s.', held.account, held.privilege));
                end;
            end loop;
        end if;
    end;
