    <<revoking>>
    declare
        leases constant jsonb := current_setting('governance.leases')::jsonb;
        -- From version 16 on, who makes a role is a member of it, and a membership may have been granted by several.
        held record;
    begin
        if fenced and not undone @> '[{"code": "fence"}]' then
            update governance.holdings h
            set logins = kept.logins
            from (
                select jsonb_object_agg(l.id, l.made) as logins
                from (
                    select role.id::text, role.made from jsonb_to_recordset(login_roles) as role (id oid, made text)
                    union
                    -- Of another installation.
                    select other.key, other.value
                    from governance.holdings o cross join lateral jsonb_each_text(o.logins) other
                    where o.account = current_setting('governance.account') and o.privilege = current_setting('governance.privilege')
                        and o.holder = current_setting('governance.holder')::uuid and other.value !~ current_setting('governance.logins')
                ) l
            ) kept
            where h.account = current_setting('governance.account') and h.privilege = current_setting('governance.privilege')
                and h.holder = current_setting('governance.holder')::uuid and h.logins is distinct from kept.logins;
        end if;
        for held in
            select l.name, l.id from jsonb_to_recordset(login_roles) as l (id oid, name text, made text, ours boolean)
            where not l.ours and not leases ? l.made
        loop
            undone := undone || jsonb_build_object('code', 'refused', 'what', format(
                '%s (oid %s) was the login of a grant that is over, and has the suite''s comment no more, so that it is left alone: drop it, or take it out of %s.',
                held.name, held.id, privilege));
        end loop;
        for held in
            select r.rolname::text as login, p.rolname as role, g.rolname as grantor
            from jsonb_to_recordset(login_roles) as l (id oid, made text, ours boolean)
            join pg_catalog.pg_roles r on r.oid = l.id
            join pg_catalog.pg_auth_members m on m.member = r.oid
            join pg_catalog.pg_roles p on p.oid = m.roleid
            left join pg_catalog.pg_roles g on g.oid = m.grantor
            where l.ours and not leases ? l.made
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
