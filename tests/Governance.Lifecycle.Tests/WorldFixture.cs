using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests;

/// <summary>Tests that share one running Lifecycle; each takes an actor of its own.</summary>
public abstract class WorldFixture
{
    private protected World World { get; private set; } = null!;

    private protected Peers Peers => World.Peers;

    [OneTimeSetUp]
    public async Task EnterAsync() => World = await World.SharedAsync();
}
