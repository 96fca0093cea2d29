using Governance.Connectors.PostgreSql;
using Governance.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Governance.Targets.PostgreSql;

/// <summary>Login roles of a real server that are there for a grant.</summary>
public sealed class PostgreSqlLoginTarget(TargetDatabase database)
    : PostgreSqlTarget(database, ["create role"], ["<<revoking>>", "nologin", "governance.ended", "reassign owned"])
{
    public override bool KnowsAccounts => false;

    public override void Register(IServiceCollection services) => services.AddPostgreSqlLoginConnector();

    public override Task<bool> HasAsync(string account, string privilege) =>
        Database.ReadAsync<bool>(
            """
            select exists (select from pg_auth_members m join pg_roles a on a.oid = m.member join pg_roles p on p.oid = m.roleid
                where p.rolname = $2 and shobj_description(a.oid, 'pg_authid')::jsonb ->> 'account' = $1
                    and a.rolcanlogin and a.rolvaliduntil > clock_timestamp())
            """,
            account,
            privilege
        );

    /// <summary>A role that is named as one of a grant and says nothing of whose it is belongs to nobody else's target either.</summary>
    public override Task<IReadOnlyList<HeldAccess>> AllAsync() =>
        ReadAllAsync(
            """
            select coalesce(l.note ->> 'account', l.name), coalesce(p.rolname::text, ''), case when l.suite then l.name end
            from (
                select oid, rolname::text as name, rolname ~ '^governance_[0-9a-f]{32}_' as suite,
                    case when rolname ~ '^governance_[0-9a-f]{32}_' then shobj_description(oid, 'pg_authid')::jsonb end as note
                from pg_roles
            ) l left join pg_auth_members m on m.member = l.oid left join pg_roles p on p.oid = m.roleid
            where l.name = any($1) and p.oid is not null or p.rolname = any($2)
                or l.suite and (l.note is null or l.note ->> 'privilege' = any($2))
            """
        );

    public override async Task TakeAsync(string account, string privilege)
    {
        var names = await Database.ReadAsync<string[]>(
            """
            select array(select a.rolname::text
                from pg_auth_members m join pg_roles a on a.oid = m.member join pg_roles p on p.oid = m.roleid
                where p.rolname = $2 and shobj_description(a.oid, 'pg_authid')::jsonb ->> 'account' = $1)
            """,
            account,
            privilege
        );
        foreach (var name in names)
        {
            await Database.ExecuteAsync("drop role " + TargetDatabase.Quote(name));
        }
    }

    public override Task<ITargetSession?> LogInAsync(string account, string privilege) =>
        throw new NotSupportedException("Nobody logs in as the account.");

    public override async Task<ITargetSession?> LogInAsync(Credential credential, string privilege)
    {
        var members = credential.Members.ToDictionary(StringComparer.Ordinal);
        Assert.That(credential.Members.Select(member => member.Key), Is.EqualTo(new[] { "username", "password", "database" }));
        Assert.That(members["database"], Is.EqualTo(new NpgsqlConnectionStringBuilder(Database.ConnectionString).Database));
        try
        {
            return new Session(await Database.LogInAsync(members["username"], members["password"]), privilege);
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            return null;
        }
    }

    public override Task<bool> ExistsAsync(string account) =>
        Database.ReadAsync<bool>("select exists (select from pg_roles where rolname = $1)", account);
}
