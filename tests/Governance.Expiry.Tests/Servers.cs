using Governance.Testing;

namespace Governance.Expiry.Tests;

[SetUpFixture]
public sealed class Servers : SuiteServersSetUp;
