namespace Governance.Cedar.Decisions;

/// <summary>What is being decided.</summary>
public enum DecisionPurpose
{
    /// <summary>Whether the grantee gets what was asked for. Checks first whether it may be asked for at all.</summary>
    Issue,
}
