-- The roles that are there for a holding's grants: by their names ($1), by their oids, or, where only the comment says so ($3), perhaps. The
-- comment of another installation's is the same, and its name is of that form ($4).
with known (id, made) as (
    {known}
)
select r.rolname::text,
    case when r.rolvaliduntil < 'infinity' then greatest(r.rolvaliduntil, 'epoch') end,
    coalesce(pg_catalog.pg_has_role(r.oid, p.oid, 'MEMBER'), false),
    case when r.rolname ~ $1 then r.rolname::text else (select max(made) from known where id = r.oid) end,
    d.description is not null,
    exists (select from pg_catalog.pg_auth_members where member = r.oid and roleid = p.oid)
from pg_catalog.pg_roles r
left join pg_catalog.pg_roles p on p.rolname = $2
left join pg_catalog.pg_shdescription d
    on d.objoid = r.oid and d.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass and d.description = $3
where r.rolname ~ $1 or r.oid in (select id from known) or d.description is not null and r.rolname !~ $4
order by 1
