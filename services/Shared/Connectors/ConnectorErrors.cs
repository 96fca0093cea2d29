namespace Governance.Connectors;

/// <summary>Codes of what can go wrong at a target; they travel in <c>HoldingFailed</c>.</summary>
public static class ConnectorErrors
{
    /// <summary>The target can't be reached, or the connection broke.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>The target did not do it in time.</summary>
    public const string Timeout = "timeout";

    /// <summary>The target refused: credentials, rights, a name that it can't have, or a higher revision that is already there.</summary>
    public const string Refused = "refused";

    /// <summary>The account does not exist at the target.</summary>
    public const string UnknownAccount = "unknown-account";

    /// <summary>The privilege does not exist at the target.</summary>
    public const string UnknownPrivilege = "unknown-privilege";

    /// <summary>Read back after a change, the target still shows something else.</summary>
    public const string Mismatch = "mismatch";

    /// <summary>The target has failed so often that it is left alone for a while.</summary>
    public const string CircuitOpen = "circuit-open";

    /// <summary>The installation has no such target.</summary>
    public const string UnknownTarget = "unknown-target";

    /// <summary>A grant's own account needs a credential, and nobody gave a key to seal it to.</summary>
    public const string NoRecipientKey = "no-recipient-key";

    /// <summary>Somebody at the target holds what the change of this one holding needs; the message says who. The target is well.</summary>
    public const string Blocked = "blocked";

    /// <summary>Another target answers than the one that was accepted: nothing counts until an operator accepts it.</summary>
    public const string TargetChanged = "target-changed";

    /// <summary>The target would not let the suite take away what it gives, so nothing is given there.</summary>
    public const string NotRemovable = "not-removable";

    /// <summary>Anything else.</summary>
    public const string Error = "error";
}
