using Governance.Testing;

namespace Governance.Contracts.Tests;

[SetUpFixture]
public sealed class Servers : SuiteServersSetUp;
