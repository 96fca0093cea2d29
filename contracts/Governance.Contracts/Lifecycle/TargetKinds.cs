namespace Governance.Contracts.Lifecycle;

/// <summary>What the services have to agree on about kinds of targets, which the catalog names and Issuance has connectors for.</summary>
public static class TargetKinds
{
    /// <summary>A login role for each grant in PostgreSQL.</summary>
    public const string PostgreSqlLogin = "postgresql-login";

    /// <summary>A user for each grant in RabbitMQ.</summary>
    public const string RabbitMqUser = "rabbitmq-user";

    /// <summary>Groups of a SCIM 2.0 provider, whose names don't differ by case.</summary>
    public const string Scim = "scim";

    /// <summary>Kinds with an account for each grant: a request has to say to whom its credential is sealed.</summary>
    public static IReadOnlySet<string> WithCredentials { get; } =
        new HashSet<string>(StringComparer.Ordinal) { PostgreSqlLogin, RabbitMqUser };
}
