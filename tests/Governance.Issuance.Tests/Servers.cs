using Governance.Testing;

namespace Governance.Issuance.Tests;

[SetUpFixture]
public sealed class Servers : SuiteServersSetUp;
