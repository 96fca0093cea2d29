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

    /// <summary>Roles of PostgreSQL that an account is made a member of.</summary>
    public const string PostgreSql = "postgresql";

    /// <summary>Permissions of a user of RabbitMQ.</summary>
    public const string RabbitMq = "rabbitmq";

    /// <summary>Role bindings of Kubernetes.</summary>
    public const string Kubernetes = "kubernetes";

    /// <summary>A receiver of signed webhooks.</summary>
    public const string Webhook = "webhook";

    /// <summary>Every kind that the suite has a connector for.</summary>
    public static IReadOnlySet<string> All { get; } =
        new HashSet<string>(StringComparer.Ordinal) { PostgreSql, PostgreSqlLogin, RabbitMq, RabbitMqUser, Kubernetes, Scim, Webhook };

    /// <summary>Kinds with an account for each grant: a request has to say to whom its credential is sealed.</summary>
    public static IReadOnlySet<string> WithCredentials { get; } =
        new HashSet<string>(StringComparer.Ordinal) { PostgreSqlLogin, RabbitMqUser };
}
