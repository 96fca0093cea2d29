with recursive ended (id) as (
    select oid from pg_catalog.pg_roles where rolname = any ($1::name[])
),
members (id) as (
    select m.member from ended join pg_catalog.pg_auth_members m on m.roleid = ended.id
    union
    select m.member from members join pg_catalog.pg_auth_members m on m.roleid = members.id
),
open (session, role, own) as (
    select a.pid, r.rolname::text, r.oid in (select id from ended)
    from pg_catalog.pg_stat_activity a join pg_catalog.pg_roles r on r.oid = a.usesysid
    where a.usesysid = any (array(select id from ended union all select id from members))
        and not r.rolsuper and r.rolname <> session_user
        and (r.oid in (select id from ended)
            or pg_has_role(r.oid, (select oid from pg_catalog.pg_roles where rolname = $2), 'MEMBER') is not true)
)
(select session, role, own, null::text as gid, false as starting from open order by session limit 200)
union all
(select a.pid, null, true, null, false
 from pg_catalog.pg_stat_activity a
 where a.usesysid::bigint = $3 and not exists (select from pg_catalog.pg_roles where oid = a.usesysid)
 order by a.pid limit 200)
union all
(select l.pid, null, false, null, true
 -- From its beginning, which it can make last: its options, SET ROLE among them, are taken before any view tells whose it is.
 from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'virtualxid' and l.granted and l.pid <> pg_catalog.pg_backend_pid()
    and (a.pid is null
        -- From version 18 on it is there, without user and database; what kind it is, not everybody may see.
        or a.usesysid is null and a.datid is null and coalesce(a.backend_type, 'client backend') = 'client backend')
 order by l.pid limit 200)
union all
(select null, p.owner::text, false, pg_catalog.quote_literal(p.gid) || ' in ' || p.database, false
 from pg_catalog.pg_prepared_xacts p join pg_catalog.pg_roles r on r.rolname = p.owner
 -- Somebody can be that role, and commit it.
 where r.rolname = any ($1::name[])
    and (r.rolcanlogin or exists (select from pg_catalog.pg_auth_members m where m.roleid = r.oid))
 order by p.gid limit 20)
