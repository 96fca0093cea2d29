select rolname::text, case when rolvaliduntil < 'infinity' then greatest(rolvaliduntil, 'epoch') end,
       coalesce(pg_catalog.pg_has_role(oid, (select oid from pg_catalog.pg_roles where rolname = $2), 'MEMBER'), false)
from pg_catalog.pg_roles
where rolname ~ $1
order by rolname
