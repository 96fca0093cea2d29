using Governance.ServiceDefaults;
using Governance.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Governance.Policy.Tests;

public sealed class When_the_configuration_is_wrong
{
    [Test]
    public async Task Should_name_every_error_at_once_and_end()
    {
        var result = await RunAsync("--Policy:ReloadPeriod=01:00:00");

        Assert.That(result.ExitCode, Is.EqualTo(ServiceHost.ConfigurationError), result.Output + result.Error);
        Assert.That(
            result.Error,
            Does.Contain("ConnectionStrings:Database")
                .And.Contain("Bus:Url")
                .And.Contain("Policy:BundleDirectory")
                .And.Contain("Policy:LifecycleUrl")
                .And.Contain("Policy:ReloadPeriod is 01:00:00, but must be from")
        );
    }

    [Test]
    public async Task Should_name_what_can_not_be_read_at_all_and_no_secret()
    {
        var result = await RunAsync(
            "--ConnectionStrings:Database=Host=db;Password=hunter2;Nonsense=1",
            "--Bus:Url=amqp://guest:hunter2@:5672/x",
            "--Policy:BundleDirectory=/policies",
            "--Policy:LifecycleUrl=http://me:hunter2@lifecycle:8081"
        );

        Assert.That(result.ExitCode, Is.EqualTo(ServiceHost.ConfigurationError), result.Output + result.Error);
        Assert.That(
            result.Error,
            Does.Contain("ConnectionStrings:Database can't be read: set Host=HOST")
                .And.Contain("Bus:Url is no address of a broker: it must be amqp://USER")
                .And.Contain("Policy:LifecycleUrl has a user or a password")
        );
        Assert.That(result.Output + result.Error, Does.Not.Contain("hunter2").And.Not.Contain("   at "));
    }

    [TestCase("--Policy:ReloadPeriod=soon", "Policy:ReloadPeriod can't be read: it must be a duration such as 00:00:05")]
    [TestCase("--Bus:Prefetch=many", "Bus:Prefetch can't be read: it must be a whole number")]
    [TestCase("--Governance:TraceShare=some", "Governance:TraceShare can't be read: it must be a number such as 0.1")]
    public async Task Should_say_in_words_what_a_setting_must_be(string setting, string error)
    {
        var result = await RunAsync(setting);

        Assert.That(result.ExitCode, Is.EqualTo(ServiceHost.ConfigurationError), result.Output + result.Error);
        Assert.That(result.Error, Does.Contain(error).And.Not.Contain("System.").And.Not.Contain("   at "));
    }

    [TestCase("LifecycleUrl", "", "is missing")]
    [TestCase("LifecycleUrl", "lifecycle:8081", "is no address: it must be http://HOST:PORT or https://HOST:PORT")]
    [TestCase("LifecycleUrl", "ftp://lifecycle", "is no address")]
    [TestCase("LifecycleUrl", "http://", "is no address")]
    [TestCase("LifecycleUrl", "http://lifecycle:99999", "is no address")]
    [TestCase("LifecycleUrl", "http://lifecycle:0", "has the port 0")]
    [TestCase("LifecycleUrl", "http://lifecycle:8081/grpc", "has a path, which would not be used")]
    [TestCase("LifecycleUrl", "http://lifecycle:8081?x=1", "has a query or a fragment")]
    [TestCase("LifecycleUrl", "http://lifecycle:8081/?", "has a query or a fragment")]
    [TestCase("LifecycleUrl", "http://lifecycle:8081#x", "has a query or a fragment")]
    [TestCase("LifecycleUrl", "http://a:b@lifecycle:8081", "has a user or a password")]
    [TestCase("BundleDirectory", "", "is missing")]
    [TestCase("BundleDirectory", "/etc/hostname", "is a file: set the directory that it is in")]
    [TestCase("BundleDirectory", "/etc/\0", "has a NUL character")]
    [TestCase("EngineCacheDirectory", "/etc/hostname", "is a file")]
    [TestCase("ReloadPeriod", "00:00:00.099", "must be from 00:00:00.1000000 to 00:05:00")]
    [TestCase("ReloadPeriod", "00:05:00.001", "must be from 00:00:00.1000000 to 00:05:00")]
    [TestCase("AnnouncePeriod", "00:00:00.999", "must be from 00:00:01 to 00:10:00")]
    [TestCase("AnnouncePeriod", "00:10:00.001", "must be from 00:00:01 to 00:10:00")]
    public void Should_refuse_what_can_not_work(string setting, string value, string why)
    {
        var failures = Failures((setting, value));

        Assert.That(failures.Single(), Does.Contain($"Policy:{setting} ").And.Contains(why));
    }

    [TestCase("LifecycleUrl", "https://lifecycle")]
    [TestCase("LifecycleUrl", "http://[::1]:8081/")]
    [TestCase("BundleDirectory", "/not/there/yet", Description = "may still be mounted; readiness says so until then")]
    [TestCase("ReloadPeriod", "00:00:00.100")]
    [TestCase("ReloadPeriod", "00:05:00")]
    [TestCase("AnnouncePeriod", "00:00:01", Description = "more often than files are looked at by default")]
    public void Should_take_what_is_right(string setting, string value) => Assert.That(Failures((setting, value)), Is.Empty);

    private static List<string> Failures(params (string Setting, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["BundleDirectory"] = "/policies",
            ["LifecycleUrl"] = "http://lifecycle:8081",
        };
        foreach (var (setting, value) in settings)
        {
            all[setting] = value;
        }

        var options = new PolicyOptions();
        new ConfigurationBuilder().AddInMemoryCollection(all).Build().Bind(options);
        IValidateOptions<PolicyOptions>[] validators = [new PolicyOptionsValidator(), new PolicyPeriodsValidator()];
        return [.. validators.SelectMany(validator => validator.Validate(null, options).Failures ?? [])];
    }

    private static Task<CommandResult> RunAsync(params string[] settings) =>
        Command.RunAsync(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Governance.Policy.dll"), .. settings],
            TimeSpan.FromSeconds(90)
        );
}
