using Governance.ServiceDefaults;
using Governance.Testing;

namespace Governance.Policy.Tests;

public sealed class When_the_configuration_is_wrong
{
    [Test]
    public async Task Should_name_every_error_at_once_and_end()
    {
        var result = await Command.RunAsync(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Governance.Policy.dll"), "--Policy:ReloadPeriod=01:00:00"],
            TimeSpan.FromSeconds(90)
        );

        Assert.That(result.ExitCode, Is.EqualTo(ServiceHost.ConfigurationError), result.Output + result.Error);
        Assert.That(
            result.Error,
            Does.Contain("ConnectionStrings:Database")
                .And.Contain("Bus:Url")
                .And.Contain("Policy:BundleDirectory")
                .And.Contain("Policy:LifecycleUrl")
                .And.Contain("ReloadPeriod")
        );
    }
}
