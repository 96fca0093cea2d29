namespace Governance.Connectors;

/// <summary>What somebody logs in with by a grant's own account. It is sealed to its recipient at once and kept nowhere else.</summary>
public sealed class Credential
{
    /// <param name="grant">Whose account it opens.</param>
    /// <param name="members">Its parts by name, for example <c>username</c> and <c>password</c>, in the order in which they are shown.</param>
    public Credential(Guid grant, IReadOnlyList<KeyValuePair<string, string>> members)
    {
        Grant = grant;
        Members = members;
    }

    /// <summary>The grant whose account it opens.</summary>
    public Guid Grant { get; }

    /// <summary>Its parts by name. Secret.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Members { get; }

    /// <summary>Says whose it is, never what it is.</summary>
    public override string ToString() => $"the credential of grant {Grant}";
}
