    <<dropping>>
    declare
        login constant text := current_setting('governance.login');
        login_id constant oid := (select oid from pg_catalog.pg_roles where rolname = login);
        here constant oid := (select oid from pg_catalog.pg_database where datname = current_database());
        elsewhere text;
        lender text;
        lent text[] := '{}';
        -- Without these words a NOINHERIT account, which version 15 can't help, would get none of the rights.
        inheriting constant text := case when current_setting('server_version_num')::int >= 160000 then ' with inherit true' else '' end;
    begin
        exit dropping when login_id is null;
        if exists (select from pg_catalog.pg_stat_activity where usesysid = login_id) then
            raise exception using errcode = 'GV005', message = 'A session of a grant that has ended is still open.';
        end if;

        -- Somebody who gives this role something in an open transaction must not keep the others.
        perform set_config('lock_timeout', '1s', true);
        if exists (
            select from pg_catalog.pg_shdepend
            where refclassid = 'pg_catalog.pg_authid'::regclass and refobjid = login_id and dbid in (0, here)
        ) then
            if not exists (select from pg_catalog.pg_roles where rolname = privilege) then
                raise exception using errcode = 'GV007',
                    message = format('%s has something in this database, and the privilege that it would go to does not exist.', login);
            end if;
            -- Both statements need the rights of the roles, which the suite's account has for as long as that takes.
            foreach lender in array array[login, privilege] loop
                if not pg_has_role(lender, 'USAGE') then
                    execute format('grant %I to %I', lender, current_user) || inheriting;
                    lent := lent || lender;
                end if;
            end loop;
            execute format('reassign owned by %I to %I', login, privilege);
            execute format('drop owned by %I', login);
            foreach lender in array lent loop
                execute format('revoke %I from %I', lender, current_user);
            end loop;
        end if;

        select string_agg(distinct d.datname, ', ' order by d.datname) into elsewhere
        from pg_catalog.pg_shdepend s join pg_catalog.pg_database d on d.oid = s.dbid
        where s.refclassid = 'pg_catalog.pg_authid'::regclass and s.refobjid = login_id and s.dbid <> here;
        if elsewhere is not null then
            raise exception using errcode = 'GV007',
                message = format('%s owns or was given something in other databases, where it has to be reassigned or dropped: %s',
                    login, elsewhere);
        end if;
        execute format('drop role %I', login);
    end;
