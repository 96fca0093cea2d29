using Npgsql;

namespace Governance.Connectors.PostgreSql;

internal static class PostgreSqlSettings
{
    public static IEnumerable<string> Validate(ConnectorSettings settings)
    {
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        }
        catch (Exception e)
            when (e is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException)
        {
            return ["is not an Npgsql connection string (the value is not shown, since it may hold a password)"];
        }

        List<string> errors = [];
        if (string.IsNullOrEmpty(builder.Host))
        {
            errors.Add("lacks Host");
        }

        if (string.IsNullOrEmpty(builder.Database))
        {
            errors.Add("lacks Database");
        }

        if (string.IsNullOrEmpty(builder.Username))
        {
            errors.Add("lacks Username");
        }

        if (builder.Multiplexing)
        {
            errors.Add("must not use Multiplexing");
        }

        return errors;
    }

    public static NpgsqlDataSource CreateSource(ConnectorSettings settings)
    {
        var builder = new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Timeout = Math.Max(1, (int)Math.Ceiling(settings.ConnectTimeout.TotalSeconds)),
            CommandTimeout = 30,
            // A target that swallows packets answers no cancel request either.
            CancellationTimeout = 500,
            MaxPoolSize = settings.Concurrency * 2,
            ConnectionIdleLifetime = 60,
            KeepAlive = 10,
            // The suite's account is powerful: nothing in a schema that others write to may be found by name.
            SearchPath = "pg_catalog",
            PersistSecurityInfo = false,
            IncludeErrorDetail = false,
            NoResetOnClose = false,
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

        return new NpgsqlDataSourceBuilder(builder.ConnectionString).Build();
    }
}
