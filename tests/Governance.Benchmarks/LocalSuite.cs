using Npgsql;

namespace Governance.Benchmarks;

/// <summary>The suite that deploy/local/up started, by the variables of .local/env.</summary>
internal sealed class LocalSuite
{
    public static readonly string[] Services = ["intake", "lifecycle", "policy", "issuance", "expiry"];

    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    private LocalSuite(string root) => Root = root;

    public string Root { get; }

    public string StateDirectory => Path.Combine(Root, ".local");

    public string CatalogFile => Path.Combine(Root, "deploy", "catalog", "benchmark.yaml");

    public string ItsmAmqp => Variable("GOVERNANCE_ITSM_AMQP_URL");

    public string Amqp => Variable("GOVERNANCE_AMQP_URL");

    public string Management => Variable("GOVERNANCE_RABBITMQ_MANAGEMENT_URL");

    public string RabbitUser => Variable("GOVERNANCE_RABBITMQ_USER");

    public string RabbitPassword => Variable("GOVERNANCE_RABBITMQ_PASSWORD");

    public string LifecycleUrl => Variable("GOVERNANCE_LIFECYCLE_URL");

    public string Postgres(string database) => Connection(Variable("GOVERNANCE_POSTGRES_URL"), database);

    public string TargetPostgres(string database) => Connection(Variable("GOVERNANCE_TARGET_POSTGRES_URL"), database);

    public static LocalSuite FromEnvironment()
    {
        var suite = new LocalSuite(Checkout.Root());
        suite.ReadEnvironmentFile();
        return suite;
    }

    private void ReadEnvironmentFile()
    {
        var file = Path.Combine(StateDirectory, "env");
        if (!File.Exists(file))
        {
            throw new BenchmarkException("The suite is not up: run deploy/local/up first.");
        }

        foreach (var line in File.ReadLines(file))
        {
            // export NAME='VALUE'
            var parts = line.Split('=', 2);
            if (parts is [var export, var value] && export.StartsWith("export ", StringComparison.Ordinal))
            {
                _variables[export["export ".Length..]] = value.Trim('\'');
            }
        }
    }

    private string Variable(string name) =>
        _variables.GetValueOrDefault(name) is { Length: > 0 } value
            ? value
            : throw new BenchmarkException($"{name} is not set: .local/env is incomplete, run deploy/local/up again.");

    private static string Connection(string url, string database)
    {
        var uri = new Uri(url);
        var user = uri.UserInfo.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port,
            Username = Uri.UnescapeDataString(user[0]),
            Password = Uri.UnescapeDataString(user[1]),
            Database = database,
            MaxPoolSize = 200,
        }.ConnectionString;
    }
}
