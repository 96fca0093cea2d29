using NUnit.Framework;

namespace Governance.Testing.Tests.Running;

[SetUpFixture]
public sealed class StartServers : SuiteServersSetUp;
