using Governance.Lifecycle.Grants;

namespace Governance.Lifecycle.KillSwitch;

/// <summary>An order to one of its grants, in the name of the operator who gave it: whatever it is about to give or gives, goes.</summary>
public sealed record EndByOrder : GrantCommand
{
    public required Guid Order { get; init; }

    /// <summary>Digest of the reason, which is kept with the order.</summary>
    public required string Reason { get; init; }
}
