-- Where nothing is said of the order, a plan made while there were few memberships would go on to read all of them when there are many.
with recursive ids as (
    select (select oid from pg_catalog.pg_roles where rolname = $1) as account_id,
           (select oid from pg_catalog.pg_roles where rolname = $2) as privilege_id
), reach (id) as (
    -- What the account is a member of by any way: each once, however many ways lead there.
    select m.roleid from ids, lateral (select roleid from pg_catalog.pg_auth_members where member = ids.account_id offset 0) m
    union
    select m.roleid from reach r, lateral (select roleid from pg_catalog.pg_auth_members where member = r.id offset 0) m
), edge (member, role) as materialized (
    select distinct r.id, m.roleid from reach r, lateral (select roleid from pg_catalog.pg_auth_members where member = r.id offset 0) m
), back (id, steps) as (
    select privilege_id, 0 from ids where privilege_id in (select id from reach)
    union
    select e.member, b.steps + 1 from back b join edge e on e.role = b.id where b.steps < 32
), distance (id, steps) as materialized (
    select id, min(steps) from back group by id
), path (role_id, via) as (
    -- The shortest one from each role that the account is itself a member of.
    select d.id, array[d.id] from ids, distance d
    where exists (select from pg_catalog.pg_auth_members where member = ids.account_id and roleid = d.id)
    union all
    select n.role, p.via || n.role
    from path p join distance d on d.id = p.role_id, lateral (
        select e.role from edge e join distance nearer on nearer.id = e.role
        where e.member = p.role_id and nearer.steps = d.steps - 1 order by e.role limit 1) n
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
    -- As whom the account may act, and who has, or gives himself, everything.
    array(
        select r.rolname || case when r.rolsuper then ', which is a superuser'
            when r.rolname in ('pg_read_all_data', 'pg_write_all_data') then ', which has its rights at every table'
            else ', which has CREATEROLE and gives what it wants' end
        from reach join pg_catalog.pg_roles r on r.oid = reach.id, pg_catalog.pg_roles p
        where p.oid = privilege_id and r.oid <> p.oid and (
            r.rolsuper or r.rolcreaterole and not p.rolsuper and current_setting('server_version_num')::int < 160000
            -- Only if it was not by the privilege itself, and the privilege has such a right.
            or not direct.held and r.rolname in ('pg_read_all_data', 'pg_write_all_data') and exists (
                select from pg_catalog.pg_shdepend d
                join pg_catalog.pg_class c on c.oid = d.objid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
                left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0,
                    lateral pg_catalog.aclexplode(case when d.objsubid > 0 then a.attacl else c.relacl end) its
                where d.refclassid = 'pg_catalog.pg_authid'::regclass and d.refobjid = p.oid
                    and d.classid = 'pg_catalog.pg_class'::regclass
                    and d.dbid = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
                    and its.grantee = p.oid and (its.privilege_type = 'SELECT') = (r.rolname = 'pg_read_all_data')
                    and its.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')))
        order by 1 limit 20) as powerful,
    -- Rights of the account's own at tables that the privilege has them at, too: given to it, or taken while it was a member of their owner.
    case when not direct.held then array(
        select case when d.deptype = 'o' then 'it owns ' || own.name else 'its own ' || own.rights || ' on ' || own.name end
        from pg_catalog.pg_shdepend d
        join pg_catalog.pg_class c on c.oid = d.objid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        -- Of a right at a single column.
        left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0,
            lateral (
                select c.oid::regclass::text || coalesce(' (' || quote_ident(a.attname) || ')', '') as name,
                       string_agg(distinct e.privilege_type, ', ' order by e.privilege_type) as rights
                from pg_catalog.aclexplode(case when d.objsubid > 0 then a.attacl else c.relacl end) e
                where e.grantee = account_id and (c.relowner = privilege_id or exists (
                    select from (
                        select * from pg_catalog.aclexplode(c.relacl)
                        union all
                        -- A right at the table is one at each of its columns.
                        select its.* from pg_catalog.pg_attribute one, pg_catalog.aclexplode(one.attacl) its
                        where one.attrelid = c.oid and not one.attisdropped and (d.objsubid = 0 or one.attnum = d.objsubid)) its
                    where its.grantee = privilege_id and its.privilege_type = e.privilege_type))
            ) own
        where d.refclassid = 'pg_catalog.pg_authid'::regclass and d.refobjid = account_id
            and d.classid = 'pg_catalog.pg_class'::regclass
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
