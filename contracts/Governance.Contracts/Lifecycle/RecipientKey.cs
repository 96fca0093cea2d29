namespace Governance.Contracts.Lifecycle;

/// <summary>The public key that a credential is sealed to: a JSON Web Key of an elliptic curve (RFC 7517, RFC 7518 section 6.2.1).</summary>
/// <param name="Kty">Always <c>EC</c>.</param>
/// <param name="Crv"><c>P-256</c>, <c>P-384</c> or <c>P-521</c>.</param>
/// <param name="X">The point's x coordinate, base64url without padding.</param>
/// <param name="Y">The point's y coordinate, base64url without padding.</param>
/// <param name="Kid">The recipient's name for it, repeated in what is sealed to it; null for none.</param>
public sealed record RecipientKey(string Kty, string Crv, string X, string Y, string? Kid = null);
