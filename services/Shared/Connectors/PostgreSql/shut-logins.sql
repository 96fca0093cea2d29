    declare
        leases constant jsonb := current_setting('governance.leases')::jsonb;
        privilege_id constant oid := (select oid from pg_catalog.pg_roles where rolname = privilege);
        patient constant text := current_setting('lock_timeout');
        self constant text := current_setting('role');
        login record;
    begin
        for login in
            select oid as id, rolname as name, rolcanlogin as open from pg_catalog.pg_roles
            where rolname ~ current_setting('governance.logins') and not leases ? rolname::text
        loop
            while login.open loop
                begin
                    perform set_config('lock_timeout', '200ms', true);
                    execute format('alter role %I nologin password null', login.name);
                    perform set_config('lock_timeout', patient, true);
                    exit;
                exception when lock_not_available or internal_error then
                    if sqlstate = 'XX000' and sqlerrm not like 'tuple concurrently %' then
                        raise;
                    end if;
                    if clock_timestamp() >= deadline then
                        raise exception using errcode = 'GV001', message = 'The attempt''s time was over.';
                    end if;
                end;
                -- A role may change its own password, and in a transaction that stays open that keeps everybody else from changing the role.
                begin
                    if not pg_has_role('pg_signal_backend', 'USAGE') and pg_has_role('pg_signal_backend', 'MEMBER') then
                        set local role pg_signal_backend;
                    end if;
                    perform pg_stat_clear_snapshot();
                    perform pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where usesysid = login.id;
                    perform set_config('role', self, true);
                exception when insufficient_privilege then
                    raise exception using errcode = 'GV006',
                        message = 'The suite''s account may not end sessions: it needs to be a member of pg_signal_backend.';
                end;
            end loop;
            if privilege_id is not null and pg_has_role(login.id, privilege_id, 'MEMBER') then
                begin
                    execute format('revoke %I from %I', privilege, login.name);
                exception when insufficient_privilege then
                    -- It goes with the role.
                    null;
                end;
            end if;
        end loop;
    end;
