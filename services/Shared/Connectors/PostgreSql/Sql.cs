namespace Governance.Connectors.PostgreSql;

internal static class Sql
{
    // A table of somebody else's could have triggers, which would run with the suite's rights.
    // Of a session's own schema nobody else has anything: what is called there was made there.
    public const string LookBeforeChange = """
        select clock_timestamp(), to_regprocedure('pg_temp.governance_membership()') is not null, c.oid is not null,
               coalesce(c.relkind = 'r' and (o.rolname = current_user or o.rolsuper)
                   and has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT')
                   and has_table_privilege(c.oid, 'INSERT') and has_table_privilege(c.oid, 'UPDATE'), false)
        from (values (1)) one
        left join pg_catalog.pg_namespace n on n.nspname = 'governance'
        left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = 'holdings'
        left join pg_catalog.pg_roles o on o.oid = c.relowner
        """;

    public const string Settings = "select set_config(name, value, true) from unnest($1, $2) as setting (name, value)";

    /// <summary>Whether any of the roles $1 has a session that <see cref="EndSessions"/> would end.</summary>
    public const string HasSessions = """
        select exists (
            select from pg_catalog.pg_stat_activity
            where usesysid = any (array(
                select oid from pg_catalog.pg_roles
                where rolname = any ($1::name[]) and not rolsuper and rolname <> session_user)))
        """;

    public const string FindLogins = "select rolname::text from pg_catalog.pg_roles where rolname ~ $1 order by rolname";

    public static readonly string Fence = Load("fence.sql");

    public static readonly string Membership = Change("membership.sql");

    /// <summary>Does what <see cref="Membership"/> does, where the session has <see cref="MakeMembershipFunction"/>.</summary>
    public const string MembershipByFunction = "select pg_temp.governance_membership()";

    public static readonly string MakeMembershipFunction = Membership.Replace(
        "do $change$",
        "create or replace function pg_temp.governance_membership() returns void language plpgsql as $change$",
        StringComparison.Ordinal
    );

    public static readonly string ShutLogins = Change("shut-logins.sql");

    public static readonly string OpenLogins = Change("open-logins.sql");

    public static readonly string EndSessions = Change("end-sessions.sql");

    public static readonly string DropLogin = Change("drop-login.sql");

    public static readonly string Read = Load("read.sql");

    public static readonly string ReadLogins = Load("read-logins.sql");

    public static readonly string List = Load("list.sql");

    public static readonly string ListLogins = Load("list-logins.sql");

    private static string Change(string name) => Load("change.sql").Replace("{change}", Load(name), StringComparison.Ordinal);

    private static string Load(string name)
    {
        using var stream = typeof(Sql).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
