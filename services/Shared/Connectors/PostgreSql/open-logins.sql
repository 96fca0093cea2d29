    declare
        leases constant jsonb := current_setting('governance.leases')::jsonb;
        privilege_id constant oid := (select oid from pg_catalog.pg_roles where rolname = privilege);
        lease record;
    begin
        if privilege_id is null then
            raise exception using errcode = 'GV004', message = 'The privilege does not exist.';
        end if;
        for lease in
            select key as name, value ->> 'verifier' as verifier, value ->> 'note' as note, value ->> 'until' as until
            from jsonb_each(leases) order by key
        loop
            if not exists (select from pg_catalog.pg_roles where rolname = lease.name) then
                execute format('create role %I', lease.name);
                execute format('comment on role %I is %L', lease.name, lease.note);
            end if;
            if exists (
                select from pg_catalog.pg_roles
                where rolname = lease.name and (not rolcanlogin or rolvaliduntil is distinct from lease.until::timestamptz)
            ) then
                -- The text is ISO 8601 with its zone: as a time it would be written, and read again, as DateStyle and TimeZone say.
                execute format('alter role %I login valid until %L', lease.name, lease.until);
                if (select rolvaliduntil from pg_catalog.pg_roles where rolname = lease.name) is distinct from lease.until::timestamptz then
                    raise exception using errcode = 'GV008', message = format('The server did not take %s as the end of a login.', lease.until);
                end if;
            end if;
            if lease.verifier is not null then
                execute format('alter role %I password %L', lease.name, lease.verifier);
            end if;
            if not exists (
                select from pg_catalog.pg_auth_members
                where roleid = privilege_id and member = (select oid from pg_catalog.pg_roles where rolname = lease.name)
            ) then
                execute format('grant %I to %I', privilege, lease.name);
            end if;
        end loop;
    end;
