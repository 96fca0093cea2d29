namespace Governance.Testing;

/// <summary>The servers a test can stop, kill and start again.</summary>
public enum SuiteServer
{
    /// <summary>The message broker.</summary>
    RabbitMq,

    /// <summary>The PostgreSQL cluster that holds the suite's own databases.</summary>
    Postgres,

    /// <summary>The PostgreSQL cluster that stands for a governed system.</summary>
    TargetPostgres,
}
