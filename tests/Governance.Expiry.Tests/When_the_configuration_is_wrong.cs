using Governance.ServiceDefaults;
using Governance.Testing;

namespace Governance.Expiry.Tests;

public sealed class When_the_configuration_is_wrong
{
    [Test]
    public async Task Should_name_every_error_at_once_and_end()
    {
        var service = Path.Combine(AppContext.BaseDirectory, "Governance.Expiry.dll");

        var result = await Command.RunAsync(
            "dotnet",
            [service, "--urls=http://127.0.0.1:0", "--Expiry:PollInterval=00:01:00", "--Expiry:BatchSize=0"],
            TimeSpan.FromSeconds(60)
        );

        Assert.That(result.ExitCode, Is.EqualTo(ServiceHost.ConfigurationError), result.Output + result.Error);
        Assert.That(
            result.Error,
            Does.Contain("PollInterval").And.Contain("BatchSize").And.Contain("Bus:Url").And.Contain("ConnectionStrings:Database")
        );
    }
}
