    declare
        leases constant jsonb := current_setting('governance.leases')::jsonb;
        privilege_id constant oid := (select oid from pg_catalog.pg_roles where rolname = privilege);
        lease record;
        called text;
        renamed text;
    begin
        if privilege_id is null then
            raise exception using errcode = 'GV004', message = 'The privilege does not exist.';
        end if;
        -- Whoever bears the name now is somebody else, as long as the one that it was given by is there.
        select r.rolname into renamed from pg_catalog.pg_roles r where r.oid = known_privilege and r.oid <> privilege_id;
        if renamed is not null then
            raise exception using errcode = 'GV010', message = format(
                'This access was given by %s, which is called %s now: it is not given by whoever bears that name now.', privilege, renamed);
        end if;
        for lease in
            select key as name, value ->> 'verifier' as verifier, value ->> 'note' as note, value ->> 'until' as until
            from jsonb_each(leases) order by key
        loop
            -- Whatever it is called now, it is this grant's.
            called := coalesce(
                (
                    select l.name from jsonb_to_recordset(login_roles) as l (name text, made text, ours boolean)
                    where l.ours and l.made = lease.name and l.name <> l.made
                    order by l.name limit 1),
                lease.name);
            if called <> lease.name and lease.verifier is not null then
                raise exception using errcode = 'GV010', message = format(
                    'The login of this grant is called %s now, and gets no other password under that name: rename it to %s.', called, lease.name);
            end if;
            if not exists (select from pg_catalog.pg_roles where rolname = called) then
                -- Whoever has it can't take up all of the server's connections, and so keep the suite from taking anything away.
                execute format('create role %I connection limit %s', called, current_setting('governance.connection_limit')::int);
                execute format('comment on role %I is %L', called, lease.note);
            end if;
            if exists (
                select from pg_catalog.pg_roles
                where rolname = called and (not rolcanlogin or rolvaliduntil is distinct from lease.until::timestamptz)
            ) then
                -- The text is ISO 8601 with its zone: as a time it would be written, and read again, as DateStyle and TimeZone say.
                execute format('alter role %I login valid until %L', called, lease.until);
                if (select rolvaliduntil from pg_catalog.pg_roles where rolname = called) is distinct from lease.until::timestamptz then
                    raise exception using errcode = 'GV008', message = format('The server did not take %s as the end of a login.', lease.until);
                end if;
            end if;
            if lease.verifier is not null then
                execute format('alter role %I password %L', called, lease.verifier);
            end if;
            if not exists (
                select from pg_catalog.pg_auth_members
                where roleid = privilege_id and member = (select oid from pg_catalog.pg_roles where rolname = called)
            ) then
                execute format('grant %I to %I', privilege, called);
            end if;
        end loop;
        if fenced then
            update governance.holdings h
            set privilege_oid = privilege_id, logins = coalesce(h.logins, '{}') || coalesce(
                (select jsonb_object_agg(r.oid::text, r.rolname) from pg_catalog.pg_roles r where leases ? r.rolname::text), '{}')
            where h.account = current_setting('governance.account') and h.privilege = current_setting('governance.privilege')
                and h.holder = current_setting('governance.holder')::uuid;
        end if;
    end;
