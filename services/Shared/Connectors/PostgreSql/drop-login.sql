    <<dropping>>
    declare
        login constant text := current_setting('governance.login');
        heir constant text := current_setting('governance.heir');
        login_id constant oid := (select oid from pg_catalog.pg_roles where rolname = login);
        here constant oid := (select oid from pg_catalog.pg_database where datname = current_database());
        elsewhere text;
        objects text;
        lender text;
        lent text[] := '{}';
        -- Without these words a NOINHERIT account, which version 15 can't help, would get none of the rights.
        inheriting constant text := case when current_setting('server_version_num')::int >= 160000 then ' with inherit true' else '' end;
    begin
        exit dropping when not exists (
            select from jsonb_to_recordset(login_roles) as l (id oid, ours boolean) where l.id = login_id and l.ours);
        if exists (select from pg_catalog.pg_stat_activity where usesysid = login_id) then
            raise exception using errcode = 'GV005', message = 'A session of a grant that has ended is still open.';
        end if;

        if exists (
            select from pg_catalog.pg_shdepend
            where refclassid = 'pg_catalog.pg_authid'::regclass and refobjid = login_id and dbid in (0, here)
        ) then
            begin
                -- What it made must not go on with anybody's rights: a view, or a function with its definer's, would.
                if not exists (select from pg_catalog.pg_roles where rolname = heir) then
                    begin
                        execute format('create role %I', heir);
                        execute format('comment on role %I is %L', heir, 'Owns what the logins of ended grants left. It must have no rights.');
                    exception when duplicate_object or unique_violation then
                        null;
                    end;
                end if;
                if exists (
                    select from pg_catalog.pg_roles r
                    where r.rolname = heir and (
                        r.rolcanlogin or r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls
                        or exists (select from pg_catalog.pg_auth_members where member = r.oid)
                        or exists (select from pg_catalog.pg_shdepend
                            where refclassid = 'pg_catalog.pg_authid'::regclass and refobjid = r.oid and deptype = 'a'))
                ) then
                    raise exception using errcode = 'GV007',
                        message = format('%s owns something, and %s, which would get it, has rights: take them from it.', login, heir);
                end if;
                -- Both statements need the rights of the roles, which the suite's account has for as long as that takes.
                foreach lender in array array[login, heir] loop
                    if not pg_has_role(lender, 'USAGE') then
                        execute format('grant %I to %I', lender, current_user) || inheriting;
                        lent := lent || lender;
                    end if;
                end loop;
                execute format('reassign owned by %I to %I', login, heir);
                execute format('drop owned by %I', login);
                foreach lender in array lent loop
                    execute format('revoke %I from %I', lender, current_user);
                end loop;
            exception when insufficient_privilege or dependent_objects_still_exist or lock_not_available or sqlstate 'GV007' then
                select string_agg(what, ', ' order by what) into objects
                from (
                    select pg_describe_object(classid, objid, objsubid)
                        || case when deptype = 'o' then ' (owned)' when deptype = 'a' then ' (granted)' else '' end as what
                    from pg_catalog.pg_shdepend
                    where refclassid = 'pg_catalog.pg_authid'::regclass and refobjid = login_id and dbid in (0, here)
                    limit 20) described;
                undone := undone || jsonb_build_object(
                    'code', case when sqlstate = '55P03' then 'blocked' else 'refused' end,
                    'what', case when sqlstate = 'GV007' then sqlerrm
                        else format('%s stays, without login, password and membership: what it has can''t all be given to %s or taken back (%s): %s.',
                            login, heir, sqlerrm, objects) end);
                exit dropping;
            end;
        end if;

        select string_agg(distinct d.datname, ', ' order by d.datname) into elsewhere
        from pg_catalog.pg_shdepend s join pg_catalog.pg_database d on d.oid = s.dbid
        where s.refclassid = 'pg_catalog.pg_authid'::regclass and s.refobjid = login_id and s.dbid <> here;
        if elsewhere is not null then
            undone := undone || jsonb_build_object('code', 'refused', 'what', format(
                '%s owns or was given something in other databases, where it has to be reassigned or dropped: %s.', login, elsewhere));
            exit dropping;
        end if;
        begin
            execute format('drop role %I', login);
            if fenced and not undone @> '[{"code": "fence"}]' then
                update governance.holdings h set logins = h.logins - login_id::text
                where h.account = current_setting('governance.account') and h.privilege = current_setting('governance.privilege')
                    and h.holder = current_setting('governance.holder')::uuid;
            end if;
        exception
            when lock_not_available then
                undone := undone || jsonb_build_object('code', 'blocked', 'what', format('%s can''t be dropped.', login));
            when dependent_objects_still_exist then
                -- DROP OWNED only warns of what others gave and the suite's account may not take back.
                select string_agg(what, ', ' order by what) into objects
                from (
                    select pg_describe_object(classid, objid, objsubid) || case when deptype = 'a' then ' (granted)' else '' end as what
                    from pg_catalog.pg_shdepend
                    where refclassid = 'pg_catalog.pg_authid'::regclass and refobjid = login_id and dbid in (0, here)
                    limit 20) described;
                undone := undone || jsonb_build_object('code', 'refused', 'what', format(
                    '%s stays, without login, password and membership, since it still has: %s.', login, coalesce(objects, sqlerrm)));
        end;
    end;
