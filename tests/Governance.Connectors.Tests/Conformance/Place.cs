namespace Governance.Connectors.Tests.Conformance;

/// <summary>An account and a privilege at a target.</summary>
public sealed record Place(string Account, string Privilege)
{
    public Guid Holder { get; init; } = Guid.NewGuid();
}
