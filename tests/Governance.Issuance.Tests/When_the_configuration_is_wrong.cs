using Governance.Connectors;
using Governance.Connectors.PostgreSql;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Issuance.Tests;

public sealed class When_the_configuration_is_wrong
{
    private readonly IssuanceOptionsValidator _validator = new(
        new ServiceCollection().AddPostgreSqlConnector().BuildServiceProvider().GetServices<ConnectorRegistration>()
    );

    [Test]
    public void Should_name_every_error_and_no_secret()
    {
        var options = new IssuanceOptions { PollInterval = TimeSpan.Zero, LifecycleSecret = "hunter2" };
        options.Targets.Add(
            new()
            {
                Id = "",
                Kind = "oracle",
                ConnectionString = "Password=hunter2",
            }
        );
        options.Targets.Add(
            new()
            {
                Id = "orders-db",
                Kind = "postgresql",
                ConnectionString = "Host=db;Password=hunter2;Nonsense=1",
            }
        );
        options.Targets.Add(
            new()
            {
                Id = "orders-db",
                Kind = "postgresql",
                ConnectionString = "Password=hunter2",
                Concurrency = 1,
            }
        );
        options.Targets.Add(new() { Id = "ledger-db", Kind = "postgresql" });

        var failures = _validator.Validate(null, options).Failures!.ToList();
        Assert.Multiple(() =>
        {
            Assert.That(failures, Has.One.Contains("Issuance:PollInterval"));
            Assert.That(failures, Has.One.Contains("Issuance:LifecycleSecret is missing or short"));
            Assert.That(failures, Has.One.Contains("Issuance:Targets:0:Id"));
            Assert.That(failures, Has.One.Contains("Issuance:Targets:0:Kind").And.One.Contains("postgresql"));
            Assert.That(failures, Has.One.Contains("Issuance:Targets:1:ConnectionString"));
            Assert.That(failures, Has.Some.Contains("Issuance:Targets:2:ConnectionString lacks Host"));
            Assert.That(failures, Has.Some.Contains("Issuance:Targets:2:ConnectionString lacks Database"));
            Assert.That(failures, Has.Some.Contains("Issuance:Targets:2:ConnectionString lacks Username"));
            Assert.That(failures, Has.One.Contains("Issuance:Targets:2:Concurrency"));
            Assert.That(failures, Has.One.Contains("'orders-db' more than once"));
            Assert.That(failures, Has.One.EqualTo("Issuance:Targets:3:ConnectionString is missing."));
            Assert.That(failures, Has.None.Contains("hunter2"));
        });
    }

    [Test]
    public void Should_take_what_is_right()
    {
        var options = new IssuanceOptions { LifecycleSecret = new('s', IssuanceOptions.MinSecretLength) };
        options.Targets.Add(
            new()
            {
                Id = "orders-db",
                Kind = "postgresql",
                ConnectionString = "Host=db;Database=orders;Username=governance;Password=p",
            }
        );
        Assert.That(_validator.Validate(null, options).Failed, Is.False);
    }

    [TestCase("Root Certificate=/there/is/none", "names a Root Certificate that is not there")]
    [TestCase("SSL Certificate=/there/is/none", "names a SSL Certificate that is not there")]
    [TestCase("Target Session Attributes=standby", "asks for a standby")]
    [TestCase("Target Session Attributes=read-only", "asks for a standby")]
    [TestCase("Minimum Pool Size=17", "has a Minimum Pool Size above twice the target's Concurrency")]
    public void Should_refuse_what_could_never_work(string more, string error)
    {
        var options = new IssuanceOptions { LifecycleSecret = new('s', IssuanceOptions.MinSecretLength) };
        options.Targets.Add(
            new()
            {
                Id = "orders-db",
                Kind = "postgresql",
                ConnectionString = "Host=db;Database=orders;Username=governance;Password=p;" + more,
            }
        );
        Assert.That(_validator.Validate(null, options).Failures, Has.One.Contains(error));
    }

    [Test]
    public void Should_refuse_an_attempt_that_is_over_before_it_is_connected()
    {
        var options = new IssuanceOptions { LifecycleSecret = new('s', IssuanceOptions.MinSecretLength) };
        options.Targets.Add(
            new()
            {
                Id = "orders-db",
                Kind = "postgresql",
                ConnectionString = "Host=db;Database=orders;Username=governance;Password=p",
                AttemptTimeout = TimeSpan.FromSeconds(4),
            }
        );
        Assert.That(_validator.Validate(null, options).Failures, Has.One.Contains("Issuance:Targets:0:ConnectTimeout is 00:00:05"));
    }
}
