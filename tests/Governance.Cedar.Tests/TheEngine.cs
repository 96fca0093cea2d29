namespace Governance.Cedar.Tests;

/// <summary>One engine for the whole test run, as a service would have it.</summary>
[SetUpFixture]
public sealed class TheEngine
{
    private static CedarEngine? _shared;

    public static CedarEngine Shared => _shared ?? throw new InvalidOperationException("The engine is not loaded.");

    [OneTimeSetUp]
    public void Load() => _shared = CedarEngine.Create();

    [OneTimeTearDown]
    public void Unload() => _shared?.Dispose();
}
