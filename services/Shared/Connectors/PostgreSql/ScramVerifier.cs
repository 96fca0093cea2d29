using System.Security.Cryptography;
using System.Text;

namespace Governance.Connectors.PostgreSql;

/// <summary>What PostgreSQL keeps of a password (RFC 5803): made here, so that the password itself never gets to the server.</summary>
internal static class ScramVerifier
{
    private const int SaltBytes = 16;
    private const int KeyBytes = 32;

    // PostgreSQL's own number. More would only slow down logging in: the passwords are 256 random bits.
    private const int Iterations = 4096;

    /// <param name="password">Of ASCII characters, which need no normalisation.</param>
    public static string Of(string password) => Of(password, RandomNumberGenerator.GetBytes(SaltBytes), Iterations);

    public static string Of(string password, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, KeyBytes);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return FormattableString.Invariant(
            $"SCRAM-SHA-256${iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}"
        );
    }
}
