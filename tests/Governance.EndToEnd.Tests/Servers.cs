using Governance.Testing;

namespace Governance.EndToEnd.Tests;

[SetUpFixture]
public sealed class Servers : SuiteServersSetUp
{
    protected override ServerVersions Versions => ServerVersions.Newest;
}
