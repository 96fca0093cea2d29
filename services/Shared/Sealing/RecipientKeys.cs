using System.Buffers.Text;
using System.Security.Cryptography;
using Governance.Contracts.Lifecycle;

namespace Governance.Sealing;

/// <summary>What may be the public key of a credential's recipient.</summary>
public static class RecipientKeys
{
    private static readonly Dictionary<string, (ECCurve Curve, int Bytes)> Curves = new(StringComparer.Ordinal)
    {
        ["P-256"] = (ECCurve.NamedCurves.nistP256, 32),
        ["P-384"] = (ECCurve.NamedCurves.nistP384, 48),
        ["P-521"] = (ECCurve.NamedCurves.nistP521, 66),
    };

    /// <summary>The longest coordinate that is read, in base64url characters.</summary>
    public const int MaxCoordinate = 88;

    /// <summary>What is wrong with a key, by the member that is wrong; null if nothing is.</summary>
    /// <remarks>A point that is not on its curve is refused: sealing to one would tell about the ephemeral key.</remarks>
    /// <param name="key">The key.</param>
    /// <returns>The member (<c>kty</c>, <c>crv</c>, <c>x</c> or <c>y</c>), a stable code and the remedy.</returns>
    public static (string Member, string Code, string Remedy)? Fault(RecipientKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Kty != "EC")
        {
            return ("kty", "not-a-choice", "Send EC: the credential is sealed by ECDH-ES.");
        }

        if (!Curves.TryGetValue(key.Crv, out var curve))
        {
            return ("crv", "not-a-choice", "Send P-256, P-384 or P-521.");
        }

        if (Coordinate(key.X, curve.Bytes) is not { } x)
        {
            return ("x", "format", $"Send {curve.Bytes} bytes as base64url without padding.");
        }

        if (Coordinate(key.Y, curve.Bytes) is not { } y)
        {
            return ("y", "format", $"Send {curve.Bytes} bytes as base64url without padding.");
        }

        try
        {
            using var imported = ECDiffieHellman.Create(
                new ECParameters
                {
                    Curve = curve.Curve,
                    Q = new ECPoint { X = x, Y = y },
                }
            );
            return null;
        }
        catch (CryptographicException)
        {
            return ("y", "not-on-curve", "Send the key as it was made: this point is not on its curve.");
        }
    }

    private static byte[]? Coordinate(string text, int bytes)
    {
        // The decoder passes over white space and padding; a key has one spelling.
        if (text.Length > MaxCoordinate || !Base64Url.IsValid(text))
        {
            return null;
        }

        var decoded = Base64Url.DecodeFromChars(text);
        return decoded.Length == bytes && Base64Url.EncodeToString(decoded) == text ? decoded : null;
    }
}
