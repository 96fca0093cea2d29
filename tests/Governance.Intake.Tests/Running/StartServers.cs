using Governance.Testing;

namespace Governance.Intake.Tests.Running;

[SetUpFixture]
public sealed class StartServers : SuiteServersSetUp;
