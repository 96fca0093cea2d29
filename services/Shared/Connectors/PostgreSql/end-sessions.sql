    declare
        roles constant oid[] := array(
            select r.oid from pg_catalog.pg_roles r
            where r.rolname = any (array(select jsonb_array_elements_text(current_setting('governance.ended')::jsonb))::name[])
                and not r.rolsuper and r.rolname <> session_user)
            || nullif(current_setting('governance.gone'), '')::oid;
        sessions constant int[] := array(select pid from pg_catalog.pg_stat_activity where usesysid = any (roles));
        give_up constant timestamptz := clock_timestamp() + (deadline - clock_timestamp()) / 2;
    begin
        -- A NOINHERIT account has the right only as that role.
        if not pg_has_role('pg_signal_backend', 'USAGE') and pg_has_role('pg_signal_backend', 'MEMBER') then
            set local role pg_signal_backend;
        end if;
        perform pg_terminate_backend(session) from unnest(sessions) as session;
        while exists (select from pg_catalog.pg_stat_activity where pid = any (sessions) and usesysid = any (roles)) loop
            if clock_timestamp() >= give_up then
                raise exception using errcode = 'GV005', message = (
                    select format('Sessions that were told to end are still open: %s.', string_agg(pid::text, ', ' order by pid))
                    from pg_catalog.pg_stat_activity where pid = any (sessions) and usesysid = any (roles));
            end if;
            perform pg_sleep(0.01);
            perform pg_stat_clear_snapshot();
        end loop;
    exception when insufficient_privilege then
        raise exception using errcode = 'GV006',
            message = 'The suite''s account may not end sessions: it needs to be a member of pg_signal_backend.';
    end;
