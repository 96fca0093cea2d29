-- Of the privileges $1, those that exist and that the suite's account may not take away from anybody.
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
    pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
from pg_catalog.pg_roles me
where me.rolname = current_user
