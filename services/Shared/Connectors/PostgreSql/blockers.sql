-- Who has what a change waited for: the roles $1 with their memberships, the fence if $3, and all that the roles $2 own or were given here.
with roles (id, owning) as (
    select oid, rolname = any ($2::name[]) from pg_catalog.pg_roles where rolname = any ($1::name[] || $2::name[])
),
exactly (pid, virtualtransaction) as (
    -- From version 16 on, whoever grants a role locks it; whoever gives it something, in every version.
    select l.pid, l.virtualtransaction
    from pg_catalog.pg_locks l join roles r on l.objid = r.id
    where l.granted and l.locktype = 'object' and l.classid = 'pg_catalog.pg_authid'::regclass and (r.owning or l.mode <> 'AccessShareLock')
    union all
    -- Who has changed the membership.
    select l.pid, l.virtualtransaction
    from pg_catalog.pg_locks l join pg_catalog.pg_auth_members m on l.transactionid = m.xmax
    where l.granted and l.locktype = 'transactionid'
        and m.roleid in (select id from roles) and m.member in (select id from roles)
    union all
    select l.pid, l.virtualtransaction
    from pg_catalog.pg_locks l
    where $3 and l.granted and l.locktype = 'relation' and l.relation = to_regclass('governance.holdings') and l.mode <> 'AccessShareLock'
        and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
    union all
    select l.pid, l.virtualtransaction
    from pg_catalog.pg_shdepend d join roles r on r.id = d.refobjid
    join pg_catalog.pg_locks l on l.database = d.dbid and l.granted
        and (l.locktype = 'relation' and d.classid = 'pg_catalog.pg_class'::regclass and l.relation = d.objid
            or l.locktype = 'object' and l.classid = d.classid and l.objid = d.objid)
    where r.owning and d.refclassid = 'pg_catalog.pg_authid'::regclass
        and d.dbid = (select oid from pg_catalog.pg_database where datname = current_database())
),
-- Of a row that nobody but a superuser may look at, and of one that is not committed, only this can be known.
likely (pid, virtualtransaction) as (
    select l.pid, l.virtualtransaction
    from pg_catalog.pg_locks l
    where l.granted and l.locktype = 'relation' and l.database = 0
        and l.relation in ('pg_catalog.pg_authid'::regclass, 'pg_catalog.pg_auth_members'::regclass)
        and l.mode not in ('AccessShareLock', 'RowShareLock')
),
found as (
    select * from exactly where pid is distinct from pg_backend_pid()
    union all
    select * from likely where pid is distinct from pg_backend_pid()
        and not exists (select from exactly where pid is distinct from pg_backend_pid())
)
select distinct coalesce(a.usename, p.owner)::text, coalesce(a.datname, p.database)::text, f.pid, p.gid, p.prepared
from found f
left join pg_catalog.pg_stat_activity a on a.pid = f.pid
-- What a prepared transaction has is told apart by the virtual transaction that it was, which the lock on its id has as well.
left join pg_catalog.pg_locks x on f.pid is null and x.pid is null and x.locktype = 'transactionid' and x.virtualtransaction = f.virtualtransaction
left join pg_catalog.pg_prepared_xacts p on p.transaction = x.transactionid
where a.pid is not null or p.gid is not null
order by 3, 4
limit 6
