namespace Governance.Testing;

/// <summary>Which versions of the servers tests run on.</summary>
/// <param name="RabbitMq"><c>3.10</c> or <c>4</c>; null for the machine's own, or the newest image.</param>
/// <param name="PostgreSql">The major version, from <c>15</c> to <c>18</c>; null for the machine's own, or the newest image.</param>
public sealed record ServerVersions(string? RabbitMq = null, string? PostgreSql = null)
{
    /// <summary>What the machine has.</summary>
    public static ServerVersions OfTheMachine { get; } = new();

    /// <summary>The versions that production runs.</summary>
    public static ServerVersions Newest { get; } = new("4", "18");

    /// <summary>These, unless others are asked for with GOVERNANCE_TESTS_RABBITMQ and GOVERNANCE_TESTS_POSTGRESQL.</summary>
    public ServerVersions UnlessAsked() =>
        new(Asked("GOVERNANCE_TESTS_RABBITMQ", RabbitMq), Asked("GOVERNANCE_TESTS_POSTGRESQL", PostgreSql));

    /// <summary>For people.</summary>
    public override string ToString() => $"RabbitMQ {RabbitMq ?? "as it is here"}, PostgreSQL {PostgreSql ?? "as it is here"}";

    private static string? Asked(string variable, string? otherwise) =>
        Environment.GetEnvironmentVariable(variable) switch
        {
            null or "" => otherwise,
            "own" => null,
            var version => version,
        };
}
