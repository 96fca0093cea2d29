namespace Governance.Connectors.PostgreSql;

internal static class Sql
{
    // A table of somebody else's could have triggers, which would run with the suite's rights.
    // Of a session's own schema nobody else has anything: what is called there was made there.
    public const string LookBeforeChange = """
        select clock_timestamp(), to_regprocedure('pg_temp.governance_membership()') is not null, c.oid is not null,
               coalesce(c.relkind = 'r' and (o.rolname = current_user or o.rolsuper)
                   and has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT')
                   and has_table_privilege(c.oid, 'INSERT') and has_table_privilege(c.oid, 'UPDATE'), false),
               (select count(*) from pg_catalog.pg_attribute
                where attrelid = c.oid and attname in ('ended', 'logins') and not attisdropped) = 2
        from (values (1)) one
        left join pg_catalog.pg_namespace n on n.nspname = 'governance'
        left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = 'holdings'
        left join pg_catalog.pg_roles o on o.oid = c.relowner
        """;

    public const string Settings = "select set_config(name, value, true) from unnest($1, $2) as setting (name, value)";

    /// <summary>
    /// The sessions of the roles $1, and those of their members, who may have done SET ROLE through them and are not members of $2 otherwise;
    /// those of the role with the oid $3, if it was dropped; those that are only beginning, whosever they are; and what the roles have prepared
    /// and nobody has committed yet. Superusers' and our own are in none.
    /// </summary>
    public static readonly string OpenSessions = Load("open-sessions.sql");

    /// <summary>Roles that the fence says account $1 and privilege $2 were, which have another name now and the membership still.</summary>
    public const string Renamed = """
        select a.rolname::text, p.rolname::text
        from governance.holdings h
        join pg_catalog.pg_roles a on a.oid = h.account_oid
        join pg_catalog.pg_roles p on p.oid = h.privilege_oid
        where h.account = $1 and h.privilege = $2 and (a.rolname <> $1 or p.rolname <> $2)
            and exists (select from pg_catalog.pg_auth_members where member = a.oid and roleid = p.oid)
        order by 1, 2
        """;

    /// <summary>What a change could not do, of the transaction that it was made in.</summary>
    public const string Undone =
        "select current_setting('governance.undone', true) as undone, current_setting('governance.accounts', true), current_setting('governance.dropped', true)";

    public static readonly string Fence = Load("fence.sql");

    public static readonly string Membership = Change("membership.sql");

    /// <summary>Does what <see cref="Membership"/> does, where the session has <see cref="MakeMembershipFunction"/>.</summary>
    public const string MembershipByFunction = "select pg_temp.governance_membership()";

    public static readonly string MakeMembershipFunction = Membership.Replace(
        "do $change$",
        "create or replace function pg_temp.governance_membership() returns void language plpgsql as $change$",
        StringComparison.Ordinal
    );

    public static readonly string RevokeLogins = ChangeOfLogins("revoke-logins.sql");

    public static readonly string ShutLogins = ChangeOfLogins("shut-logins.sql");

    public static readonly string OpenLogins = ChangeOfLogins("open-logins.sql");

    public static readonly string EndSessions = Change("end-sessions.sql");

    public static readonly string DropLogin = ChangeOfLogins("drop-login.sql");

    public static readonly string Blockers = Load("blockers.sql");

    /// <summary>Which server and database answers. A restored or upgraded server has another identifier, or the old one with another history.</summary>
    private const string Identity = """
        (select 'postgresql:' || system_identifier || '/' from pg_catalog.pg_control_system()) || pg_catalog.current_database()
        """;

    public const string ReadIdentity = "select " + Identity;

    public static readonly string Read = Load("read.sql").Replace("{identity}", Identity, StringComparison.Ordinal);

    /// <summary>For servers where the suite's account may not ask who they are.</summary>
    public static readonly string ReadAnonymous = Load("read.sql").Replace("{identity}", "null::text", StringComparison.Ordinal);

    public static readonly string Preflight = Load("preflight.sql");

    /// <summary>Logins as far as their names and comments tell.</summary>
    public static readonly string ReadLogins = Load("read-logins.sql")
        .Replace("{known}", "select null::oid, null::text where false", StringComparison.Ordinal);

    /// <summary>The same with those that the fence knows by their oids, of account $5.</summary>
    public static readonly string ReadKnownLogins = Load("read-logins.sql")
        .Replace(
            "{known}",
            """
            select l.key::oid, l.value
            from governance.holdings h cross join lateral jsonb_each_text(h.logins) l
            where h.account = $5 and h.privilege = $2 and l.value ~ $1
            """,
            StringComparison.Ordinal
        );

    public static readonly string List = Load("list.sql");

    public static readonly string ListLogins = Load("list-logins.sql");

    private static string Change(string name) => ChangeBy(Load(name));

    private static string ChangeOfLogins(string name) => ChangeBy(Load("find-logins.sql") + Load(name));

    private static string ChangeBy(string sql) => Load("change.sql").Replace("{change}", sql, StringComparison.Ordinal);

    private static string Load(string name)
    {
        using var stream = typeof(Sql).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
