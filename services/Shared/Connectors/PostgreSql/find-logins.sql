    declare
        known jsonb := '{}';
    begin
        if fenced then
            select coalesce(jsonb_object_agg(l.key, l.value), '{}') into known
            from governance.holdings h cross join lateral jsonb_each_text(h.logins) l
            where h.account = current_setting('governance.account') and h.privilege = current_setting('governance.privilege')
                and l.value ~ current_setting('governance.logins');
        end if;
        -- By name, and by oid whatever it is called now. The comment goes with its role, and is gone with it: who has the oid without it may be
        -- somebody else, who is not touched, and told while that role has the privilege.
        select coalesce(jsonb_agg(to_jsonb(f)), '[]') into login_roles
        from (
            select r.oid as id, r.rolname::text as name, named.ok or noted.ok as ours,
                case when named.ok then r.rolname::text else k.made end as made
            from pg_catalog.pg_roles r
            left join jsonb_each_text(known) k (id, made) on k.id::oid = r.oid
            cross join lateral (select r.rolname ~ current_setting('governance.logins') as ok) named
            cross join lateral (
                select k.id is not null and shobj_description(r.oid, 'pg_authid') is not distinct from current_setting('governance.note') as ok
            ) noted
            where named.ok or k.id is not null and (noted.ok or exists (
                select from pg_catalog.pg_auth_members m join pg_catalog.pg_roles p on p.oid = m.roleid
                where m.member = r.oid and p.rolname = current_setting('governance.privilege')))
        ) f;
    end;
