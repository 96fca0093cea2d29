using Governance.Lifecycle.Facts;
using Governance.Lifecycle.Grants;
using Governance.ServiceDefaults;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Tests.Machine;

internal static class TheMachine
{
    /// <summary>The machine with verbs that have no store.</summary>
    public static GrantStateMachine Alone() =>
        new(
            new GrantTransitions(
                new FactsAssembler(new(), new HeldAccess(null!), Options.Create(new LifecycleOptions())),
                new(),
                new ToldTimes(Options.Create(new GovernanceOptions()), NullLogger<ToldTimes>.Instance),
                Options.Create(new LifecycleOptions()),
                NullLogger<GrantTransitions>.Instance
            )
        );
}
