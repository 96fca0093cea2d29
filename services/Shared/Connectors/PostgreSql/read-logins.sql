select rolname::text, case when rolvaliduntil < 'infinity' then greatest(rolvaliduntil, 'epoch') end,
       coalesce(pg_catalog.pg_has_role(oid, (select oid from pg_catalog.pg_roles where rolname = $2), 'MEMBER'), false), false
from pg_catalog.pg_roles
where rolname ~ $1
union all
-- Made for a grant, renamed since, and still a member.
select r.rolname::text, case when r.rolvaliduntil < 'infinity' then greatest(r.rolvaliduntil, 'epoch') end, true, true
from pg_catalog.pg_shdescription d
join pg_catalog.pg_roles r on r.oid = d.objoid
join pg_catalog.pg_auth_members m on m.member = r.oid
where d.classoid = 'pg_catalog.pg_authid'::regclass and d.description = $3 and r.rolname !~ $1
    and m.roleid = (select oid from pg_catalog.pg_roles where rolname = $2)
order by 1
