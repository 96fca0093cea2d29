-- Where nothing is said of the order, a plan made while there were few memberships would go on to read all of them when there are many.
with recursive ids as (
    select (select oid from pg_catalog.pg_roles where rolname = $1) as account_id,
           (select oid from pg_catalog.pg_roles where rolname = $2) as privilege_id
), path (role_id, via) as (
    select m.roleid, array[m.roleid]
    from ids, lateral (select roleid from pg_catalog.pg_auth_members where member = ids.account_id offset 0) m
    union all
    select m.roleid, p.via || m.roleid
    from ids, path p, lateral (select roleid from pg_catalog.pg_auth_members where member = p.role_id offset 0) m
    where p.role_id <> ids.privilege_id and m.roleid <> all (p.via) and cardinality(p.via) < 32
)
select
    direct.held as direct,
    coalesce(pg_catalog.pg_has_role(account_id, privilege_id, 'MEMBER'), false) as effective,
    array(
        select distinct (select string_agg(r.rolname, ' > ' order by step.n)
                from unnest(p.via) with ordinality step (id, n),
                    lateral (select rolname from pg_catalog.pg_roles where oid = step.id offset 0) r)
        from path p
        where p.role_id = privilege_id and cardinality(p.via) > 1
        order by 1 limit 20) as paths,
    coalesce((select rolsuper from pg_catalog.pg_roles where oid = account_id), false) as superuser,
    direct.grantors || coalesce('; on that depends ' || direct.dependents, ''),
    coalesce(pg_catalog.pg_has_role(account_id, privilege_id, 'USAGE'), false) as inherited,
    {identity},
    -- Whoever has CREATEROLE gives himself any role there, but superusers'.
    coalesce((select a.rolcreaterole and not a.rolsuper and not p.rolsuper
        from pg_catalog.pg_roles a, pg_catalog.pg_roles p where a.oid = account_id and p.oid = privilege_id), false)
        and current_setting('server_version_num')::int < 160000 as gives_himself,
    -- Rights of the account's own at tables that the privilege has them at, too: given to it, or taken while it was a member of their owner.
    case when not direct.held then array(
        select case when d.deptype = 'o' then 'it owns ' || own.name else 'its own ' || own.rights || ' on ' || own.name end
        from pg_catalog.pg_shdepend d
        join pg_catalog.pg_class c on c.oid = d.objid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S'),
            lateral (
                select c.oid::regclass::text as name, string_agg(distinct e.privilege_type, ', ' order by e.privilege_type) as rights
                from pg_catalog.aclexplode(c.relacl) e
                where e.grantee = account_id and (c.relowner = privilege_id or exists (
                    select from pg_catalog.aclexplode(c.relacl) its
                    where its.grantee = privilege_id and its.privilege_type = e.privilege_type))
            ) own
        where d.refclassid = 'pg_catalog.pg_authid'::regclass and d.refobjid = account_id
            and d.classid = 'pg_catalog.pg_class'::regclass and d.objsubid = 0
            and d.dbid = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
            and (own.rights is not null and d.deptype = 'a'
                or d.deptype = 'o' and exists (select from pg_catalog.aclexplode(c.relacl) its where its.grantee = privilege_id))
        order by 1 limit 20) end as own_rights
from ids, lateral (
    select count(*) > 0 as held, string_agg(distinct r.rolname, ', ' order by r.rolname) as grantors,
           (select string_agg(distinct d.rolname, ', ' order by d.rolname) || ', granted by ' || $1
            from pg_catalog.pg_auth_members granted join pg_catalog.pg_roles d on d.oid = granted.member
            where granted.grantor = ids.account_id and granted.roleid = ids.privilege_id
                and current_setting('server_version_num')::int >= 160000) as dependents
    from pg_catalog.pg_auth_members m left join pg_catalog.pg_roles r on r.oid = m.grantor
    where m.member = ids.account_id and m.roleid = ids.privilege_id
) direct
