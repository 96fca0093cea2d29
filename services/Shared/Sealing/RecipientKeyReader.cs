using Governance.Contracts.Lifecycle;
using Governance.Reading;

namespace Governance.Sealing;

/// <summary>
/// Reads a public key as a JWK, as WebCrypto and others export it: what says what it is for must agree with sealing, nothing private may be in it,
/// and members that nobody knows are passed over, as RFC 7517 has it.
/// </summary>
public sealed class RecipientKeyReader : IMemberReader
{
    // Of an elliptic curve key, an RSA key and a symmetric one.
    private static readonly string[] Private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    private static readonly string[] Uses = ["deriveKey", "deriveBits"];

    object? IMemberReader.Read(ObjectReader reader) => Read(reader);

    /// <summary>The key; meaningless when there was a fault, and null when it lacks a member.</summary>
    public static RecipientKey? Read(ObjectReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var kty = reader.Text("kty", Presence.Required, Bounds.NameLength);
        var crv = reader.Text("crv", Presence.Required, Bounds.NameLength);
        var x = reader.Text("x", Presence.Required, RecipientKeys.MaxCoordinate);
        var y = reader.Text("y", Presence.Required, RecipientKeys.MaxCoordinate);
        var kid = reader.Text("kid", Presence.Nullable, Bounds.NameLength);
        Only(reader, "use", "enc");
        Only(reader, "alg", "ECDH-ES");
        Operations(reader);
        reader.Flag("ext", Presence.Nullable);
        foreach (var name in Private.Where(n => reader.Take(n, Presence.Nullable) is not null))
        {
            reader.Fault(name, "private-key", "Make a new key pair and send its public part: this one's private part has left its owner.");
        }

        reader.IgnoreRest();
        if (kty is null || crv is null || x is null || y is null)
        {
            return null;
        }

        var key = new RecipientKey(kty, crv, x, y, kid);
        if (RecipientKeys.Fault(key) is { } fault)
        {
            reader.Fault(fault.Member, fault.Code, fault.Remedy);
        }

        return key;
    }

    // A public key of ECDH has none when it is exported; the private one derives.
    private static void Operations(ObjectReader reader)
    {
        var operations = reader.Texts("key_ops", Presence.Nullable, Bounds.Depth, Bounds.NameLength) ?? [];
        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i] is { } operation && !Uses.Contains(operation, StringComparer.Ordinal))
            {
                reader.Fault(
                    "key_ops",
                    i,
                    "not-a-choice",
                    $"Send {string.Join(" or ", Uses)}, or leave key_ops empty or out: the credential is sealed to this key."
                );
            }
        }
    }

    private static void Only(ObjectReader reader, string name, string value)
    {
        if (reader.Text(name, Presence.Nullable, Bounds.NameLength) is { } given && !string.Equals(given, value, StringComparison.Ordinal))
        {
            reader.Fault(name, "not-a-choice", $"Send {value}, or leave this member out.");
        }
    }
}
