using Governance.Connectors.Tests.Conformance;
using Governance.Targets;
using Governance.Targets.Scim;

namespace Governance.Connectors.Tests.Scim;

/// <summary>At a provider as the standard has it, and at one without versions and members that wants a value beside the path of a removal.</summary>
[TestFixture(false)]
[TestFixture(true)]
public sealed class Scim_Conformance(bool likesValues) : ConnectorConformance
{
    protected override async Task<ConformanceTarget> CreateTargetAsync() => await ScimTarget.CreateAsync(likesValues);
}
