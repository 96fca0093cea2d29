select a.rolname::text collate "C" as account, p.rolname::text collate "C" as privilege,
       string_agg(distinct g.rolname, ', ' order by g.rolname) as grantors
from pg_catalog.pg_auth_members m
join pg_catalog.pg_roles a on a.oid = m.member
join pg_catalog.pg_roles p on p.oid = m.roleid
left join pg_catalog.pg_roles g on g.oid = m.grantor
where (a.rolname::text collate "C", p.rolname::text collate "C") > ($1 collate "C", $2 collate "C")
group by 1, 2
order by 1, 2
limit $3
