    <<revoking>>
    declare
        leases constant jsonb := current_setting('governance.leases')::jsonb;
        -- From version 16 on, who makes a role is a member of it, and a membership may have been granted by several.
        held record;
    begin
        for held in
            select r.rolname::text as login, p.rolname as role, g.rolname as grantor
            from pg_catalog.pg_roles r
            join pg_catalog.pg_auth_members m on m.member = r.oid
            join pg_catalog.pg_roles p on p.oid = m.roleid
            left join pg_catalog.pg_roles g on g.oid = m.grantor
            where r.rolname ~ current_setting('governance.logins') and not leases ? r.rolname::text
        loop
            begin
                if held.grantor is null or current_setting('server_version_num')::int < 160000 then
                    execute format('revoke %I from %I', held.role, held.login);
                else
                    execute format('revoke %I from %I granted by %I', held.role, held.login, held.grantor);
                end if;
            exception
                when insufficient_privilege or dependent_objects_still_exist then
                    -- It goes with the role.
                    null;
                when lock_not_available then
                    undone := undone || jsonb_build_object('code', 'blocked',
                        'what', format('%s can''t be taken out of %s.', held.login, held.role));
                    -- Whoever holds one may hold all: the others are not waited for as long.
                    perform set_config('lock_timeout', '50ms', true);
            end;
        end loop;
    end;
