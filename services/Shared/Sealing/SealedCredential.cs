using System.Text;
using System.Text.Json;
using Governance.Contracts.Lifecycle;
using Jose;

namespace Governance.Sealing;

/// <summary>A credential that only its recipient can open: a JWE in compact form (RFC 7516), ECDH-ES with A256GCM (RFC 7518).</summary>
public static class SealedCredential
{
    /// <summary>Seals a credential. Its plain form is a JSON object: <c>grant</c>, <c>number</c>, <c>target</c> and the members.</summary>
    /// <param name="request">To whom, and which of the grant's credentials it is.</param>
    /// <param name="grant">Whose account it opens.</param>
    /// <param name="target">Where.</param>
    /// <param name="members">Its parts by name. Secret.</param>
    /// <exception cref="ArgumentException">The key is none: see <see cref="RecipientKeys.Fault"/>.</exception>
    public static string Seal(LeaseCredential request, Guid grant, string target, IEnumerable<KeyValuePair<string, string>> members)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(members);
        var key = request.Key;
        if (RecipientKeys.Fault(key) is { } fault)
        {
            throw new ArgumentException($"{fault.Member}: {fault.Remedy}", nameof(request));
        }

        var plain = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["grant"] = grant,
            ["number"] = request.Number,
            ["target"] = target,
        };
        foreach (var (name, value) in members)
        {
            plain.Add(name, value);
        }

        var header = new Dictionary<string, object>(StringComparer.Ordinal) { ["cty"] = "application/json" };
        if (key.Kid is { } kid)
        {
            header.Add("kid", kid);
        }

        return JWE.EncryptBytes(
            Encoding.UTF8.GetBytes(JsonSerializer.Serialize(plain, WireJson.Options)),
            [new JweRecipient(JweAlgorithm.ECDH_ES, new Jwk(crv: key.Crv, x: key.X, y: key.Y, d: null))],
            JweEncryption.A256GCM,
            mode: SerializationMode.Compact,
            extraProtectedHeaders: header
        );
    }
}
