using System.Security.Cryptography;
using System.Text;

namespace Governance.Connectors.RabbitMq;

/// <summary>What the broker gets to see of a password: a salted hash.</summary>
internal static class RabbitMqPassword
{
    public const string Algorithm = "rabbit_password_hashing_sha256";

    // The broker's format has no room for more, and a password of this size needs none.
    private const int SaltBytes = 4;

    public static string Hash(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)]);
        return Convert.ToBase64String([.. salt, .. hash]);
    }
}
