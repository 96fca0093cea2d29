using Governance.Connectors.RabbitMq;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Connectors.Tests.RabbitMq;

public sealed class When_a_broker_is_configured
{
    private const string Good = "Url=https://broker.example.com:15671;Username=suite;Password=hunter2";

    [TestCase("rabbitmq", Good)]
    [TestCase("rabbitmq-user", Good)]
    [TestCase("rabbitmq", "url=https://example.com/rabbit/api-root;username=suite;password='a;b=c'")]
    [TestCase("rabbitmq-user", Good + ";AccountPrefix=governance-2")]
    [TestCase("rabbitmq", "Url=http://broker:15672;AllowHttp=true;Username=suite;Password=hunter2")]
    public void Should_take_what_is_right(string kind, string connectionString) => Assert.That(Validate(kind, connectionString), Is.Empty);

    [TestCase("rabbitmq", "", "lacks Url|lacks Username|lacks Password")]
    [TestCase("rabbitmq", "Url=http://broker:15672;Username=suite;Password=hunter2", "AllowHttp")]
    [TestCase("rabbitmq", "Url=amqp://broker:5672;Username=suite;Password=hunter2", "Url")]
    [TestCase("rabbitmq", "Url=https://suite:hunter2@broker;Username=suite;Password=hunter2", "Url")]
    [TestCase("rabbitmq", "Url=https://broker/?hunter2;Username=suite;Password=hunter2", "Url")]
    [TestCase("rabbitmq", "Url=https://broker;Username=su:ite;Password=hunter2", "colon")]
    [TestCase("rabbitmq", Good + ";VHost=hunter2", "unknown key 'vhost'")]
    [TestCase("rabbitmq", Good + ";AccountPrefix=governance", "unknown key 'accountprefix'")]
    [TestCase("rabbitmq-user", Good + ";AccountPrefix=gov.hunter2", "AccountPrefix")]
    [TestCase("rabbitmq-user", Good + ";AccountPrefix=Hunter2", "AccountPrefix")]
    public void Should_say_all_that_is_wrong_and_no_value(string kind, string connectionString, string said)
    {
        var errors = Validate(kind, connectionString);
        foreach (var one in said.Split('|'))
        {
            Assert.That(errors, Has.Some.Contains(one));
        }

        Assert.That(errors, Has.None.Contains("unter2"));
        Assert.That(() => Create(kind, connectionString), Throws.ArgumentException.With.Property("Message").Not.Contain("unter2"));
    }

    private static List<string> Validate(string kind, string connectionString) =>
        [.. Registration(kind).Validate(Settings(connectionString))];

    private static IConnector Create(string kind, string connectionString)
    {
        using var services = new ServiceCollection().AddSingleton(TimeProvider.System).BuildServiceProvider();
        return Registration(kind).Create(services, Settings(connectionString));
    }

    private static ConnectorRegistration Registration(string kind) =>
        new ServiceCollection()
            .AddRabbitMqConnectors()
            .Select(service => (ConnectorRegistration)service.ImplementationInstance!)
            .Single(registration => registration.Kind == kind);

    private static ConnectorSettings Settings(string connectionString) =>
        new()
        {
            Target = "orders-broker",
            ConnectionString = connectionString,
            Concurrency = 4,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };
}
