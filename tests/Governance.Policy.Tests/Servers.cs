using Governance.Testing;

namespace Governance.Policy.Tests;

[SetUpFixture]
public sealed class Servers : SuiteServersSetUp;
