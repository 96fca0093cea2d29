using System.Buffers.Text;
using System.Security.Cryptography;

namespace Governance.Connectors;

/// <summary>Passwords of accounts that grants have for themselves.</summary>
internal static class GrantPassword
{
    private const int Bytes = 32;

    /// <summary>256 random bits, in letters, digits, hyphens and underscores.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
}
