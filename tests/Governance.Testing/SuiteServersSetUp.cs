using NUnit.Framework;

namespace Governance.Testing;

/// <summary>
/// Starts the servers once for all tests of a namespace. A test assembly derives from it once:
/// <code>[SetUpFixture] public sealed class Servers : SuiteServersSetUp;</code>
/// NUnit runs it for the namespace it stands in and those below, so that tests in another namespace don't wait for servers.
/// </summary>
public abstract class SuiteServersSetUp
{
    private SuiteServers? servers;

    /// <summary>Which versions the tests run on, unless others are asked for.</summary>
    protected virtual ServerVersions Versions => ServerVersions.OfTheMachine;

    /// <summary>Starts the servers; when none can be had, every test fails with one line that says what to install.</summary>
    [OneTimeSetUp]
    public async Task StartServersAsync()
    {
        try
        {
            var versions = Versions.UnlessAsked();
            servers = await SuiteServers.StartAsync(versions);
            await TestContext.Progress.WriteLineAsync($"Tests run on {servers.Kind} servers: {versions}.");
        }
        catch (ServersUnavailableException exception)
        {
            Assert.Fail(exception.Message);
        }
    }

    /// <summary>Stops the servers.</summary>
    [OneTimeTearDown]
    public async Task StopServersAsync()
    {
        if (servers is not null)
        {
            await servers.DisposeAsync();
        }
    }
}
