using Governance.ServiceDefaults;
using Governance.Testing;

namespace Governance.Intake.Tests.Running;

public sealed class When_the_configuration_is_wrong
{
    [Test]
    public async Task Should_name_every_error_at_once_and_end()
    {
        var result = await Command.RunAsync(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "Governance.Intake.dll"),
                "--Bus:Prefetch=0",
                "--Intake:PublicLifecycleUrl=governance.example.com",
            ],
            TimeSpan.FromSeconds(90)
        );

        Assert.That(result.ExitCode, Is.EqualTo(ServiceHost.ConfigurationError), result.Output + result.Error);
        Assert.That(
            result.Error,
            Does.Contain("Intake:LifecycleUrl is missing")
                .And.Contain("Intake:PublicLifecycleUrl is no address")
                .And.Contain("Bus:Url is missing")
                .And.Contain("Bus:Prefetch must be between 1 and 256")
                .And.Contain("ConnectionStrings:Database is missing")
        );
    }

    [TestCase("http://lifecycle:17121")]
    [TestCase("https://lifecycle/")]
    public void Should_take_an_address_of_lifecycle(string value) =>
        Assert.That(Failures(new IntakeOptions { LifecycleUrl = value }), Is.Empty);

    [TestCase("", "is missing")]
    [TestCase("lifecycle:17121", "is no address: it must be http://HOST:PORT")]
    [TestCase("http://life cycle:17121", "is no address")]
    [TestCase("http://lifecycle:99999", "is no address")]
    [TestCase("http://lifecycle:17121/grpc", "has a path, which would not be used")]
    [TestCase("http://me:secret@lifecycle:17121", "has a user or a password")]
    public void Should_refuse_an_address_of_lifecycle_that_can_not_work(string value, string why)
    {
        var failure = Failures(new IntakeOptions { LifecycleUrl = value }).Single();

        Assert.That(failure, Does.Contain("Intake:LifecycleUrl ").And.Contains(why).And.Not.Contains("secret"));
    }

    [Test]
    public void Should_take_a_public_address_behind_a_path()
    {
        var options = new IntakeOptions { LifecycleUrl = "http://lifecycle", PublicLifecycleUrl = "https://example.com/governance/" };

        Assert.That(Failures(options), Is.Empty);
        Assert.That(options.StatusUrl(Guid.Empty), Is.EqualTo($"https://example.com/governance/v1/grants/{Guid.Empty}"));
    }

    [TestCase("", "is empty")]
    [TestCase("governance.example.com", "is no address")]
    [TestCase("https://example.com/?to=", "has a query or a fragment")]
    [TestCase("https://example.com/#/", "has a query or a fragment")]
    [TestCase("https://me:secret@example.com", "has a user or a password")]
    public void Should_refuse_a_public_address_from_which_no_link_can_be_made(string value, string why)
    {
        var failure = Failures(new IntakeOptions { LifecycleUrl = "http://lifecycle", PublicLifecycleUrl = value }).Single();

        Assert.That(failure, Does.Contain("Intake:PublicLifecycleUrl ").And.Contains(why).And.Not.Contains("secret"));
    }

    private static List<string> Failures(IntakeOptions options) => [.. new IntakeOptionsValidator().Validate(null, options).Failures ?? []];
}
