using System.Security.Cryptography;
using System.Text;

namespace Governance.Connectors.RabbitMq;

/// <summary>The name of a user that is there for one grant: <c>prefix.grant.digest-of-the-privilege.account</c>.</summary>
/// <remarks>
/// A user has no other place to say whose it is: each of its tags would stay in the broker's table of atoms for ever. Names are looked at
/// in full, so somebody else's user is never taken for one of these.
/// </remarks>
internal sealed record GrantUser(string Prefix, Guid Grant, string Digest, string Account)
{
    private const int DigestBytes = 16;
    private const int GrantLength = 36;
    private const int DigestLength = DigestBytes * 2;

    public string Name => $"{Prefix}.{Grant:D}.{Digest}.{Account}";

    public static GrantUser Of(string prefix, Guid grant, string account, string privilege) =>
        new(prefix, grant, DigestOf(privilege), account);

    public static GrantUser? Find(string prefix, string name)
    {
        var grant = prefix.Length + 1;
        var digest = grant + GrantLength + 1;
        var account = digest + DigestLength + 1;
        if (
            name.Length <= account
            || !name.StartsWith(prefix + ".", StringComparison.Ordinal)
            || !Guid.TryParseExact(name.AsSpan(grant, GrantLength), "D", out var id)
        )
        {
            return null;
        }

        var found = new GrantUser(prefix, id, name.Substring(digest, DigestLength), name[account..]);
        return found.Digest.All(char.IsAsciiHexDigitLower) && string.Equals(found.Name, name, StringComparison.Ordinal) ? found : null;
    }

    public bool IsFor(string account, string privilege) =>
        string.Equals(Account, account, StringComparison.Ordinal) && string.Equals(Digest, DigestOf(privilege), StringComparison.Ordinal);

    private static string DigestOf(string privilege) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(privilege)).AsSpan(0, DigestBytes));
}
