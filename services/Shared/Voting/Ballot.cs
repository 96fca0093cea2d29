namespace Governance.Voting;

/// <summary>
/// What a vote is for: this grantee, at this account of this target, with this right, from then and for so long at the most. Its digest is
/// recorded with the vote. The bundle in force is not in it: new policies are asked again anyway, and make no vote void.
/// </summary>
public sealed record Ballot
{
    /// <summary>Opaque id of the grantee.</summary>
    public required string Principal { get; init; }

    /// <summary>Id of the target.</summary>
    public required string Target { get; init; }

    /// <summary>The grantee's account there.</summary>
    public required string Account { get; init; }

    /// <summary>The right's name there.</summary>
    public required string Privilege { get; init; }

    /// <summary>The earliest start (UTC); null for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The longest that the voter agrees to.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary><c>sha256:…</c> of the canonical form.</summary>
    public string Digest() => CanonicalJson.Digest(CanonicalJson.Serialize(this, WireJson.Options));
}
