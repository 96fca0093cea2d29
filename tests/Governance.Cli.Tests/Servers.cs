using Governance.Cli.Tests.Running;
using Governance.Testing;

namespace Governance.Cli.Tests;

[SetUpFixture]
public sealed class Servers : SuiteServersSetUp
{
    [OneTimeTearDown]
    public static Task StopWorldAsync() => World.DisposeSharedAsync();
}
