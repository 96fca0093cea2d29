using Governance.Testing;

namespace Governance.Connectors.Tests.Running;

[SetUpFixture]
public sealed class Servers : SuiteServersSetUp;
