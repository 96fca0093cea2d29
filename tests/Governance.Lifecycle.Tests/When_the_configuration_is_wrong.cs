using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Governance.Messaging;
using Governance.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Tests;

public sealed class When_the_configuration_is_wrong
{
    private static readonly string Secret = new('s', 32);

    [TestCase("http://issuance:17130")]
    [TestCase("https://issuance/")]
    public void Should_take_an_address_of_issuance(string value) =>
        Assert.That(
            Failures(
                new LifecycleOptions
                {
                    CatalogDirectory = "/catalog",
                    IssuanceUrl = Uri(value),
                    IssuanceSecret = Secret,
                }
            ),
            Is.Empty
        );

    [TestCase("issuance:17130", "is no address: it must be http://HOST:PORT")]
    [TestCase("/issuance", "is no address")]
    [TestCase("ftp://issuance", "is no address")]
    [TestCase("http://issuance:17130/v2", "has a path, which would not be used")]
    [TestCase("http://me:hunter2@issuance:17130", "has a user or a password")]
    public void Should_refuse_an_address_of_issuance_that_can_not_work(string value, string why)
    {
        var options = new LifecycleOptions
        {
            CatalogDirectory = "/catalog",
            IssuanceUrl = Uri(value),
            IssuanceSecret = Secret,
        };

        Assert.That(Failures(options).Single(), Does.StartWith("Lifecycle:IssuanceUrl ").And.Contains(why).And.Not.Contains("hunter2"));
    }

    [TestCase("", "is missing")]
    [TestCase("/etc/hostname", "is a file: set the directory that it is in")]
    public void Should_refuse_what_is_no_directory_of_a_catalog(string value, string why) =>
        Assert.That(
            Failures(new LifecycleOptions { CatalogDirectory = value }).Single(),
            Does.Contain("Lifecycle:CatalogDirectory ").And.Contains(why)
        );

    [TestCase("Host=db;Database=lifecycle;Username=u;Password=hunter2")]
    [TestCase("Host=/run/postgresql;Target Session Attributes=read-write")]
    public void Should_take_a_database_that_takes_writes(string value) => Assert.That(DatabaseFailures(value), Is.Empty);

    [TestCase("Host=db;Password=hunter2;Nonsense=1", "can't be read: set Host=HOST")]
    [TestCase("Host=db;Password=hunter2;Port=many", "can't be read")]
    [TestCase("Database=lifecycle;Password=hunter2", "lacks Host")]
    [TestCase("Host=db;Password=hunter2;Port=70000", "has a Port that must be from 1 to 65535")]
    [TestCase("Host=db;Password=hunter2;Multiplexing=true", "has Multiplexing")]
    [TestCase("Host=db;Password=hunter2;Target Session Attributes=standby", "ask for a server which takes no writes")]
    public void Should_refuse_a_database_that_can_not_work_and_not_show_it(string value, string why)
    {
        Assert.That(
            DatabaseFailures(value).Single(),
            Does.StartWith("ConnectionStrings:Database ").And.Contains(why).And.Not.Contains("hunter2")
        );
        Assert.That(() => DatabaseConnections.Harden(value, "lifecycle"), Throws.Nothing, "it is told with all the others");
    }

    [TestCase("amqp://user:hunter2@host:5672/governance")]
    [TestCase("amqps://host")]
    [TestCase("amqp://host/with%2Fslash")]
    public async Task Should_take_the_address_of_a_broker(string value) => Assert.That(await BusFailuresAsync(value), Is.Empty);

    [TestCase("", "is missing")]
    [TestCase("http://user:hunter2@host/", "is no address of a broker: it must be amqp://USER:PASSWORD@HOST:PORT/VHOST")]
    [TestCase("amqp://user:hunter2@host:99999/", "is no address of a broker")]
    [TestCase("amqp://user:hunter2@:5672/x", "is no address of a broker")]
    [TestCase("host:5672", "is no address of a broker")]
    [TestCase("amqp://user:hunter2@host/one/two", "has more than one name after its host")]
    public async Task Should_refuse_what_is_no_broker_and_not_show_it(string value, string why) =>
        Assert.That((await BusFailuresAsync(value)).Single(), Does.Contain("Bus:Url ").And.Contains(why).And.Not.Contains("hunter2"));

    [Test]
    public void Should_tell_a_bound_by_the_key_of_its_setting()
    {
        var options = new LifecycleOptions
        {
            CatalogDirectory = "/catalog",
            SweepRate = 0,
            SweepGuardShare = double.NaN,
            CatalogShrinkCount = 1_000_001,
            ApprovalWindow = TimeSpan.Zero,
            RedrivePeriod = TimeSpan.FromMinutes(11),
        };

        Assert.That(
            Failures(options),
            Is.EquivalentTo([
                "Lifecycle:SweepRate must be between 1 and 10,000 a second.",
                "Lifecycle:SweepGuardShare must be between 0 and 1.",
                "Lifecycle:CatalogShrinkCount must be between 0 and 1,000,000.",
                "Lifecycle:ApprovalWindow must be between one second and 30 days.",
                "Lifecycle:RedrivePeriod must be between half a second and ten minutes.",
            ])
        );
    }

    [TestCase(typeof(LifecycleOptions), "Lifecycle")]
    [TestCase(typeof(GovernanceOptions), "Governance")]
    [TestCase(typeof(BusOptions), "Bus")]
    public void Should_have_words_for_every_bound(Type options, string section)
    {
        foreach (var property in options.GetProperties())
        {
            var rules = property.GetCustomAttributes<ValidationAttribute>().ToList();
            Assert.That(
                rules.OfType<System.ComponentModel.DataAnnotations.RangeAttribute>(),
                Is.Empty,
                $"{property.Name}: a generated validator drops its message"
            );
            Assert.That(
                rules.Where(rule => rule is DurationRangeAttribute or NumberRangeAttribute).Select(rule => rule.ErrorMessage),
                Has.All.StartsWith($"{section}:{property.Name} must be between ")
            );
        }
    }

    private static async Task<List<string>> BusFailuresAsync(string value)
    {
        var builder = WebApplication.CreateBuilder(["--Bus:Url=" + value]);
        builder.AddBus();
        await using var services = builder.Services.BuildServiceProvider();
        try
        {
            return services.GetRequiredService<IOptions<BusOptions>>().Value.Url == value ? [] : ["Bus:Url is another one."];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
    }

    private static Uri Uri(string value) => new(value, UriKind.RelativeOrAbsolute);

    private static List<string> DatabaseFailures(string value) =>
        [.. new ConnectionStringValidator().Validate(null, new ConnectionOptions { Database = value }).Failures ?? []];

    private static List<string> Failures(LifecycleOptions options)
    {
        IValidateOptions<LifecycleOptions>[] validators = [new LifecycleOptionsValidator(), new IssuanceConnectionValidator()];
        return [.. validators.SelectMany(validator => validator.Validate(null, options).Failures ?? [])];
    }
}
