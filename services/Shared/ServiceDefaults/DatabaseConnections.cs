using Npgsql;

namespace Governance.ServiceDefaults;

/// <summary>How the suite connects to PostgreSQL.</summary>
public static class DatabaseConnections
{
    /// <summary>Adds what keeps a dead or hung process from holding its locks.</summary>
    /// <remarks>
    /// Without <c>client_connection_check_interval</c> the server notices a dead leader only when its sleeping session ends: the relay of
    /// the whole installation then rests for a minute. Idle transactions and lock waits are bounded for the same reason. Statements are
    /// short and run often, so compiling one never pays.
    /// </remarks>
    /// <param name="connectionString">As configured; one that can't be read gives an unusable string, which options validation reports.</param>
    /// <param name="service">Becomes part of the application name, by which a process finds its own sessions.</param>
    public static string Harden(string? connectionString, string service)
    {
        var builder = Read(connectionString) ?? new NpgsqlConnectionStringBuilder();
        if (string.IsNullOrEmpty(builder.ApplicationName))
        {
            // PostgreSQL keeps 63 characters; what tells pods apart is at the end of their names.
            var name = $"governance-{service}-{Environment.ProcessId}-";
            var machine = Environment.MachineName;
            builder.ApplicationName = name + machine[Math.Max(0, machine.Length - (63 - name.Length))..];
        }

        if (string.IsNullOrEmpty(builder.Options))
        {
            builder.Options =
                "-c client_connection_check_interval=500 -c idle_in_transaction_session_timeout=5000 -c lock_timeout=5000 -c jit=off";
        }

        // Nothing of the suite leaves state in a session (settings and locks live in transactions, whoever listens keeps its connection), so a
        // session needs no cleaning between users, and what it has prepared stays prepared.
        builder.NoResetOnClose = true;
        builder.MaxAutoPrepare =
            !PreparedStatements.AreSafe ? 0
            : builder.MaxAutoPrepare == 0 ? 100
            : builder.MaxAutoPrepare;
        builder.AutoPrepareMinUsages = 3;
        builder.KeepAlive = builder.KeepAlive == 0 ? 5 : builder.KeepAlive;
        return builder.ConnectionString;
    }

    /// <summary>What a connection string says; null if it can't be read.</summary>
    internal static NpgsqlConnectionStringBuilder? Read(string? connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString ?? "");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            return null;
        }
    }
}
