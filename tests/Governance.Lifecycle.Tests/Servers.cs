using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests;

[SetUpFixture]
public sealed class Servers : SuiteServersSetUp
{
    [OneTimeTearDown]
    public static Task StopWorldAsync() => World.DisposeSharedAsync();
}
