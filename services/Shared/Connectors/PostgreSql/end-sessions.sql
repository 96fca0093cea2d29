    declare
        roles constant oid[] := array(
            select r.oid from pg_catalog.pg_roles r
            where r.rolname = any (array(select jsonb_array_elements_text(current_setting('governance.ended')::jsonb))::name[])
                and not r.rolsuper and r.rolname <> session_user)
            || nullif(current_setting('governance.gone'), '')::oid;
        sessions constant int[] := array(select pid from pg_catalog.pg_stat_activity where usesysid = any (roles));
        -- Of sessions that have not told yet whose they are.
        starting int[] := array(select pid::int from jsonb_array_elements_text(current_setting('governance.starting')::jsonb) pid);
        able constant boolean := pg_has_role('pg_signal_backend', 'MEMBER');
        one int;
        give_up constant timestamptz := clock_timestamp() + (deadline - clock_timestamp()) / 2;
    begin
        -- A NOINHERIT account has the right only as that role.
        if not pg_has_role('pg_signal_backend', 'USAGE') and pg_has_role('pg_signal_backend', 'MEMBER') then
            set local role pg_signal_backend;
        end if;
        perform pg_terminate_backend(session) from unnest(sessions) as session;
        foreach one in array starting loop
            begin
                if not exists (select from pg_catalog.pg_stat_activity where pid = one and usesysid is not null) then
                    perform pg_terminate_backend(one);
                end if;
            exception when insufficient_privilege then
                if not able then
                    raise;
                end if;
                -- A superuser's, who needs no membership; or of nobody yet: then it asks for the role when the membership is gone.
                starting := array_remove(starting, one);
            end;
        end loop;
        while exists (select from pg_catalog.pg_stat_activity where pid = any (sessions || starting) and usesysid = any (roles))
            or exists (
                select from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
                where l.pid = any (starting) and l.locktype = 'virtualxid' and a.usesysid is null)
        loop
            if clock_timestamp() >= give_up then
                raise exception using errcode = 'GV005', message = (
                    select format('Sessions that were told to end are still open: %s.', string_agg(pid::text, ', ' order by pid))
                    from (select pid from pg_catalog.pg_stat_activity where pid = any (sessions) and usesysid = any (roles)
                        union select unnest(starting)) left_over);
            end if;
            perform pg_sleep(0.01);
            perform pg_stat_clear_snapshot();
        end loop;
    exception when insufficient_privilege then
        raise exception using errcode = 'GV006',
            message = 'The suite''s account may not end sessions: it needs to be a member of pg_signal_backend.';
    end;
