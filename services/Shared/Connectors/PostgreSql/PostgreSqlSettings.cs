using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>
/// A connection string of Npgsql's, and beside its own keys <c>EndSessions</c> for memberships, and <c>AccountPrefix</c> and
/// <c>ConnectionLimit</c> for accounts per grant.
/// </summary>
internal sealed class PostgreSqlSettings
{
    private const string EndSessionsKey = "EndSessions";
    private const string AccountPrefixKey = "AccountPrefix";
    private const string ConnectionLimitKey = "ConnectionLimit";
    private const int DefaultConnectionLimit = 100;
    private const int MaxConnectionLimit = 10_000;
    private const string Unreadable = "is not an Npgsql connection string (the value is not shown, since it may hold a password)";

    private readonly NpgsqlConnectionStringBuilder _npgsql;

    private PostgreSqlSettings(NpgsqlConnectionStringBuilder npgsql, SessionEnds endSessions, string accountPrefix, int connectionLimit)
    {
        _npgsql = npgsql;
        EndSessions = endSessions;
        AccountPrefix = accountPrefix;
        ConnectionLimit = connectionLimit;
    }

    public SessionEnds EndSessions { get; }

    public string AccountPrefix { get; }

    /// <summary>Connections that an account of a grant may have at once.</summary>
    public int ConnectionLimit { get; }

    public static IEnumerable<string> Validate(ConnectorSettings settings) => Read(settings, perGrant: false).Errors;

    public static IEnumerable<string> ValidatePerGrant(ConnectorSettings settings) => Read(settings, perGrant: true).Errors;

    public static PostgreSqlSettings Of(ConnectorSettings settings, bool perGrant)
    {
        var (read, errors) = Read(settings, perGrant);
        return read
            ?? throw new ArgumentException(
                $"The connection string of target '{settings.Target}' {string.Join("; ", errors)}.",
                nameof(settings)
            );
    }

    public string Database => _npgsql.Database!;

    /// <summary>Whether what one statement leaves in a session is there for the next: behind some poolers it is not.</summary>
    public bool SessionsLast => KeptStatements > 0;

    private int KeptStatements => _npgsql.ShouldSerialize("Max Auto Prepare") ? _npgsql.MaxAutoPrepare : 20;

    public NpgsqlDataSource CreateSource(ConnectorSettings settings)
    {
        var builder = new NpgsqlConnectionStringBuilder(_npgsql.ConnectionString)
        {
            Timeout = Math.Max(1, (int)Math.Ceiling(settings.ConnectTimeout.TotalSeconds)),
            CommandTimeout = 30,
            // A target that swallows packets answers no cancel request either.
            CancellationTimeout = 500,
            MaxPoolSize = settings.Concurrency * 2,
            // Whoever takes up all of the server's connections must not keep the suite from taking away.
            MinPoolSize = Math.Max(1, _npgsql.MinPoolSize),
            ConnectionIdleLifetime = _npgsql.ShouldSerialize("Connection Idle Lifetime") ? _npgsql.ConnectionIdleLifetime : 60,
            KeepAlive = 10,
            // The suite's account is powerful: nothing in a schema that others write to may be found by name.
            SearchPath = "pg_catalog",
            PersistSecurityInfo = false,
            IncludeErrorDetail = false,
            // Settings and locks live in transactions, so a session needs no cleaning between users, and what it has prepared stays prepared.
            NoResetOnClose = true,
            MaxAutoPrepare = KeptStatements,
            AutoPrepareMinUsages = 3,
            Enlist = false,
        };
        if (string.IsNullOrEmpty(builder.ApplicationName))
        {
            builder.ApplicationName = "governance-issuance";
        }

        if (string.IsNullOrEmpty(builder.Options))
        {
            builder.Options = "-c client_connection_check_interval=500";
        }

        // The label of its metrics; else it would be the connection string.
        return new NpgsqlDataSourceBuilder(builder.ConnectionString) { Name = settings.Target }.Build();
    }

    private static (PostgreSqlSettings? Settings, IReadOnlyList<string> Errors) Read(ConnectorSettings settings, bool perGrant)
    {
        NpgsqlConnectionStringBuilder npgsql;
        string? own;
        string? limit = null;
        try
        {
            var all = new DbConnectionStringBuilder { ConnectionString = settings.ConnectionString };
            var key = perGrant ? AccountPrefixKey : EndSessionsKey;
            own = all.TryGetValue(key, out var value) ? (string)value : null;
            all.Remove(key);
            if (perGrant && all.TryGetValue(ConnectionLimitKey, out var connections))
            {
                limit = (string)connections;
                all.Remove(ConnectionLimitKey);
            }

            npgsql = new NpgsqlConnectionStringBuilder(all.ConnectionString);
        }
        catch (Exception e)
            when (e is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException)
        {
            return (null, [Unreadable]);
        }

        List<string> errors = [];
        if (string.IsNullOrEmpty(npgsql.Host))
        {
            errors.Add("lacks Host");
        }

        if (string.IsNullOrEmpty(npgsql.Database))
        {
            errors.Add("lacks Database");
        }

        if (string.IsNullOrEmpty(npgsql.Username))
        {
            errors.Add("lacks Username");
        }

        foreach (
            var (name, file) in new[]
            {
                ("Root Certificate", npgsql.RootCertificate),
                ("SSL Certificate", npgsql.SslCertificate),
                ("SSL Key", npgsql.SslKey),
                ("Passfile", npgsql.Passfile),
            }
        )
        {
            if (!string.IsNullOrEmpty(file) && !File.Exists(file))
            {
                errors.Add($"names a {name} that is not there");
            }
        }

        if (
            npgsql.TargetSessionAttributes is { } attributes
            && attributes.Replace('_', '-').ToLowerInvariant() is "standby" or "read-only" or "prefer-standby"
        )
        {
            errors.Add("asks for a standby (Target Session Attributes), which takes no changes");
        }

        if (npgsql.MinPoolSize > settings.Concurrency * 2)
        {
            errors.Add("has a Minimum Pool Size above twice the target's Concurrency");
        }

        if (npgsql.Multiplexing)
        {
            errors.Add("must not use Multiplexing");
        }

        var endSessions = SessionEnds.Own;
        var prefix = GrantRole.DefaultPrefix;
        var connectionLimit = DefaultConnectionLimit;
        if (
            limit is not null
            && !(
                int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out connectionLimit)
                && connectionLimit is >= 1 and <= MaxConnectionLimit
            )
        )
        {
            errors.Add($"has a ConnectionLimit that is not a number from 1 to {MaxConnectionLimit}");
        }

        if (perGrant)
        {
            prefix = own ?? prefix;
            if (!GrantRole.CanBePrefix(prefix))
            {
                errors.Add(
                    $"has an AccountPrefix that is not made of 1 to {GrantRole.MaxPrefix} lower-case letters, digits and underscores, or begins with a digit or pg_"
                );
            }
        }
        else if (own is not null)
        {
            switch (own.ToUpperInvariant())
            {
                case "TRUE":
                    break;
                case "FALSE":
                    endSessions = SessionEnds.None;
                    break;
                case "MEMBERS":
                    endSessions = SessionEnds.Members;
                    break;
                default:
                    errors.Add("has an EndSessions that is not one of: true, false, members");
                    break;
            }
        }

        return (errors.Count == 0 ? new(npgsql, endSessions, prefix, connectionLimit) : null, errors);
    }
}
