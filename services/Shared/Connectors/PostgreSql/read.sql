with recursive ids as (
    select (select oid from pg_catalog.pg_roles where rolname = $1) as account_id,
           (select oid from pg_catalog.pg_roles where rolname = $2) as privilege_id
), path (role_id, via) as (
    select m.roleid, array[m.roleid] from pg_catalog.pg_auth_members m, ids where m.member = ids.account_id
    union all
    select m.roleid, p.via || m.roleid
    from path p join pg_catalog.pg_auth_members m on m.member = p.role_id, ids
    where p.role_id <> ids.privilege_id and m.roleid <> all (p.via) and cardinality(p.via) < 32
)
select
    exists (select from pg_catalog.pg_auth_members m where m.member = account_id and m.roleid = privilege_id) as direct,
    coalesce(pg_catalog.pg_has_role(account_id, privilege_id, 'MEMBER'), false) as effective,
    array(
        select distinct (select string_agg(r.rolname, ' > ' order by step.n)
                from unnest(p.via) with ordinality step (id, n) join pg_catalog.pg_roles r on r.oid = step.id)
        from path p
        where p.role_id = privilege_id and cardinality(p.via) > 1
        order by 1 limit 20) as paths,
    coalesce((select rolsuper from pg_catalog.pg_roles where oid = account_id), false) as superuser,
    (select string_agg(distinct r.rolname, ', ' order by r.rolname)
        from pg_catalog.pg_auth_members m join pg_catalog.pg_roles r on r.oid = m.grantor
        where m.member = account_id and m.roleid = privilege_id) as grantors
from ids
