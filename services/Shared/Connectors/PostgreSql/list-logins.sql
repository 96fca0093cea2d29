with held (account_id, account, privilege, grantors) as (
    select a.oid, a.rolname::text collate "C", coalesce(p.rolname, '')::text collate "C",
           string_agg(distinct g.rolname, ', ' order by g.rolname)
    from pg_catalog.pg_roles a
    left join pg_catalog.pg_auth_members m on m.member = a.oid
    left join pg_catalog.pg_roles p on p.oid = m.roleid
    left join pg_catalog.pg_roles g on g.oid = m.grantor
    -- Who makes a role is a member of it from version 16 on.
    where (p.oid is not null or a.rolname ~ $4) and p.rolname ~ $4 is not true
    group by 1, 2, 3
)
select account, privilege, grantors, pg_catalog.shobj_description(account_id, 'pg_authid')
from held
where (account, privilege) > ($1 collate "C", $2 collate "C")
order by account, privilege
limit $3
