    declare
        leases constant jsonb := current_setting('governance.leases')::jsonb;
        self constant text := current_setting('role');
        give_up constant timestamptz := clock_timestamp() + (deadline - clock_timestamp()) / 2;
        login record;
        sessions bigint;
        strikes int;
    begin
        select coalesce(jsonb_agg(l.name), '[]') into accounts
        from jsonb_to_recordset(login_roles) as l (name text, made text, ours boolean)
        where l.ours and not leases ? l.made;
        for login in
            select r.oid as id, r.rolname as name
            from jsonb_to_recordset(login_roles) as l (id oid, made text, ours boolean)
            join pg_catalog.pg_roles r on r.oid = l.id
            where l.ours and r.rolcanlogin and not leases ? l.made
        loop
            strikes := 0;
            loop
                begin
                    perform set_config('lock_timeout', '200ms', true);
                    execute format('alter role %I nologin password null', login.name);
                    exit;
                exception when lock_not_available or internal_error then
                    if sqlstate = 'XX000' and sqlerrm not like 'tuple concurrently %' then
                        raise;
                    end if;
                end;
                -- A role may change its own password, and in a transaction that stays open that keeps everybody else from changing the role.
                begin
                    if not pg_has_role('pg_signal_backend', 'USAGE') and pg_has_role('pg_signal_backend', 'MEMBER') then
                        set local role pg_signal_backend;
                    end if;
                    perform pg_stat_clear_snapshot();
                    select count(*) filter (where pg_terminate_backend(pid)) into sessions
                    from pg_catalog.pg_stat_activity where usesysid = login.id;
                    perform set_config('role', self, true);
                exception when insufficient_privilege then
                    undone := undone || jsonb_build_object('code', 'refused', 'what', format(
                        'The suite''s account may not end sessions of %s: it needs to be a member of pg_signal_backend.', login.name));
                    exit;
                end;
                -- When none of its own is there, it is somebody else who holds the role.
                strikes := case when sessions = 0 then strikes + 1 else 0 end;
                if strikes >= 4 or clock_timestamp() >= give_up then
                    undone := undone || jsonb_build_object('code', 'blocked',
                        'what', format('%s can''t be kept from logging in.', login.name));
                    exit;
                end if;
            end loop;
        end loop;
    end;
