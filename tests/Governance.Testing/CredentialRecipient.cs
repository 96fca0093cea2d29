using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Governance.Testing;

/// <summary>
/// Somebody whom credentials are sealed to. Opens them by RFC 7516 and RFC 7518 section 4.6 with nothing but the platform, so that what was
/// sealed by a library is not judged by the same library.
/// </summary>
public sealed class CredentialRecipient : IDisposable
{
    private readonly ECDiffieHellman _pair = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The public key as a JWK.</summary>
    public JsonObject Jwk
    {
        get
        {
            var point = _pair.ExportParameters(includePrivateParameters: false).Q;
            return new JsonObject
            {
                ["kty"] = "EC",
                ["crv"] = "P-256",
                ["x"] = Base64Url.EncodeToString(point.X),
                ["y"] = Base64Url.EncodeToString(point.Y),
                ["kid"] = "recipient",
            };
        }
    }

    /// <summary>What is in a compact JWE.</summary>
    /// <exception cref="CryptographicException">It was sealed to somebody else, or changed.</exception>
    public JsonNode Open(string jwe)
    {
        var parts = jwe.Split('.');
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!;
        if ((string?)header["alg"] != "ECDH-ES" || (string?)header["enc"] != "A256GCM" || parts[1].Length != 0)
        {
            throw new CryptographicException($"Sealed otherwise than agreed: {header.ToJsonString()}");
        }

        using var ephemeral = ECDiffieHellman.Create(
            new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint
                {
                    X = Base64Url.DecodeFromChars((string)header["epk"]!["x"]!),
                    Y = Base64Url.DecodeFromChars((string)header["epk"]!["y"]!),
                },
            }
        );
        var cipher = Base64Url.DecodeFromChars(parts[3]);
        var plain = new byte[cipher.Length];
        using var aes = new AesGcm(Derive(_pair.DeriveRawSecretAgreement(ephemeral.PublicKey)), tagSizeInBytes: 16);
        aes.Decrypt(
            Base64Url.DecodeFromChars(parts[2]),
            cipher,
            Base64Url.DecodeFromChars(parts[4]),
            plain,
            Encoding.ASCII.GetBytes(parts[0])
        );
        return JsonNode.Parse(plain)!;
    }

    /// <inheritdoc/>
    public void Dispose() => _pair.Dispose();

    // One round of the Concat KDF, without party information.
    private static byte[] Derive(byte[] secret)
    {
        static byte[] Number(int value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            return bytes;
        }

        var algorithm = Encoding.ASCII.GetBytes("A256GCM");
        return SHA256.HashData([
            .. Number(1),
            .. secret,
            .. Number(algorithm.Length),
            .. algorithm,
            .. Number(0),
            .. Number(0),
            .. Number(256),
        ]);
    }
}
