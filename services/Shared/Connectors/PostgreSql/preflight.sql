-- Of the privileges $1, those that exist and that the suite's account may not take away from anybody; of the accounts $2, those that nothing is
-- given to: superusers and who may act as one, and those that the suite's right to grant comes from (as where it is given, in membership.sql). And those of the privileges
-- that own something.
with recursive suite (id) as (
    select oid from pg_catalog.pg_roles where rolname in (current_user, session_user)
    union
    select m.roleid from suite join pg_catalog.pg_auth_members m on m.member = suite.id
),
grantors (id) as (
    select m.grantor from suite join pg_catalog.pg_auth_members m on m.member = suite.id and m.admin_option
    union
    select m.grantor from grantors join pg_catalog.pg_auth_members m on m.member = grantors.id and m.admin_option
)
select
    pg_catalog.pg_is_in_recovery() or current_setting('transaction_read_only')::boolean,
    me.rolsuper or pg_catalog.pg_has_role('pg_signal_backend', 'MEMBER'),
    me.rolsuper or me.rolcreaterole,
    array(
        select r.rolname::text from pg_catalog.pg_roles r
        where r.rolname = any ($1::name[]) and not me.rolsuper
            and not (me.rolcreaterole and not r.rolsuper and current_setting('server_version_num')::int < 160000)
            and not pg_catalog.pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION')
        order by 1),
    pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE'),
    array(
        select r.rolname::text from pg_catalog.pg_roles r
        where r.rolname = any ($2::name[]) and exists (
            select from pg_catalog.pg_roles s where s.rolsuper and pg_catalog.pg_has_role(r.oid, s.oid, 'MEMBER'))),
    array(
        select r.rolname::text from pg_catalog.pg_roles r
        where r.rolname = any ($2::name[]) and (
            r.rolname in (current_user, session_user)
            or r.oid in (select id from suite)
                and exists (select from pg_catalog.pg_auth_members m where m.member = r.oid and m.admin_option)
            or r.oid in (select id from grantors))),
    -- A member does as he likes with what a role owns, and what he makes of it is his own.
    array(
        select r.rolname::text from pg_catalog.pg_roles r
        where r.rolname = any ($1::name[]) and exists (
            select from pg_catalog.pg_shdepend d
            where d.refclassid = 'pg_catalog.pg_authid'::regclass and d.refobjid = r.oid and d.deptype = 'o')
        order by 1)
from pg_catalog.pg_roles me
where me.rolname = current_user
