using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Governance.Connectors.PostgreSql;

/// <summary>The login role that is there for one grant: <c>prefix_grant_digest</c>, with account and privilege in its comment.</summary>
/// <remarks>
/// A name has 63 bytes, which are too few for the account. A comment counts only if its digest is that of the name, so that nobody's text is
/// taken for the suite's.
/// </remarks>
internal sealed partial record GrantRole(string Prefix, Guid Grant, string Account, string Privilege)
{
    public const string DefaultPrefix = "governance";

    // 63 bytes less the grant's id, the digest and what is between them.
    public const int MaxPrefix = 13;

    private const int DigestBytes = 8;

    public string Name => $"{Prefix}_{Grant:N}_{DigestOf(Account, Privilege)}";

    /// <summary>Owns what the roles of ended grants made.</summary>
    public static string HeirOf(string prefix) => prefix + "_heir";

    /// <summary>What the role's comment says.</summary>
    public string Note => NoteOf(Account, Privilege);

    public static bool CanBePrefix(string prefix) =>
        prefix.Length <= MaxPrefix && PrefixPattern().IsMatch(prefix) && !prefix.StartsWith("pg_", StringComparison.Ordinal);

    /// <summary>The names that roles of any grant have, as a regular expression of PostgreSQL.</summary>
    public static string PatternOf(string prefix) => $"^{prefix}_[0-9a-f]{{32}}_[0-9a-f]{{{DigestBytes * 2}}}$";

    /// <summary>The names that roles of a holding's grants have, as a regular expression of PostgreSQL.</summary>
    public static string PatternOf(string prefix, string account, string privilege) =>
        $"^{prefix}_[0-9a-f]{{32}}_{DigestOf(account, privilege)}$";

    /// <summary>The names that they have in any installation, as a regular expression of PostgreSQL.</summary>
    public static string PatternOfAny(string account, string privilege) =>
        $"^[a-z][a-z0-9_]*_[0-9a-f]{{32}}_{DigestOf(account, privilege)}$";

    /// <summary>What the comments of roles of a holding's grants say.</summary>
    public static string NoteOf(string account, string privilege) =>
        JsonSerializer.Serialize(new Comment(account, privilege), WireJson.Strict);

    /// <summary>The grant in a name of one of these patterns.</summary>
    public static Guid GrantOf(string prefix, string name) => Guid.ParseExact(name.AsSpan(prefix.Length + 1, 32), "N");

    /// <summary>Whose role it is; null when it is nobody's grant's.</summary>
    public static GrantRole? Find(string prefix, string name, string? comment)
    {
        if (comment is null || !Regex.IsMatch(name, PatternOf(prefix), RegexOptions.NonBacktracking))
        {
            return null;
        }

        try
        {
            return
                JsonSerializer.Deserialize<Comment>(comment, WireJson.Strict) is { Account: { } account, Privilege: { } privilege }
                && new GrantRole(prefix, GrantOf(prefix, name), account, privilege) is var found
                && string.Equals(found.Name, name, StringComparison.Ordinal)
                ? found
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string DigestOf(string account, string privilege) =>
        Convert.ToHexStringLower(
            SHA256
                .HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{account.Length}:{account}:{privilege}")))
                .AsSpan(0, DigestBytes)
        );

    [GeneratedRegex(@"^[a-z][a-z0-9_]*\z", RegexOptions.NonBacktracking)]
    private static partial Regex PrefixPattern();

    private sealed record Comment(string? Account, string? Privilege);
}
