namespace Governance.Targets;

/// <summary>Access that is at a target.</summary>
/// <param name="Account">Whose it is, as in a catalog.</param>
/// <param name="Privilege">What it is, as in a catalog; empty for an account that is there for a grant and has nothing.</param>
/// <param name="GrantAccount">The account that is there for one grant; null where the account itself has the access.</param>
public sealed record HeldAccess(string Account, string Privilege, string? GrantAccount = null);
