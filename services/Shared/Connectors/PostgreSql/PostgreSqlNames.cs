using System.Text;
using Governance.Connectors.Http;

namespace Governance.Connectors.PostgreSql;

internal static class PostgreSqlNames
{
    // The server cuts longer names silently, and would then grant something else.
    private const int MaxBytes = 63;

    private const int MaxAccount = 255;

    public static bool CanExist(string account, string privilege) => IsName(account) && IsName(privilege);

    /// <summary>As <see cref="CanExist"/>, for an account that need not be a role.</summary>
    public static bool CanBeGranted(string account, string privilege) => IsText(account) && IsName(privilege);

    public static void CheckGranted(string account, string privilege)
    {
        if (!IsText(account))
        {
            throw new ConnectorException(
                ConnectorErrors.UnknownAccount,
                "The account's name is empty, longer than 255 characters, or not text."
            );
        }

        CheckPrivilege(privilege);
    }

    public static void Check(string account, string privilege)
    {
        if (!IsName(account))
        {
            throw new ConnectorException(
                ConnectorErrors.UnknownAccount,
                "The account's name can't be a PostgreSQL role: empty, longer than 63 bytes, or with a NUL."
            );
        }

        CheckPrivilege(privilege);
    }

    /// <summary>Whether a role can have the name.</summary>
    public static bool CanBeName(string name) => IsName(name);

    private static void CheckPrivilege(string privilege)
    {
        if (!IsName(privilege))
        {
            throw new ConnectorException(
                ConnectorErrors.UnknownPrivilege,
                "The privilege's name can't be a PostgreSQL role: empty, longer than 63 bytes, or with a NUL."
            );
        }
    }

    private static bool IsText(string account) =>
        account.Length is > 0 and <= MaxAccount && !account.Any(char.IsControl) && WellFormed.IsText(account);

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxBytes
        && !name.Contains('\0', StringComparison.Ordinal)
        && WellFormed.IsText(name)
        && Encoding.UTF8.GetByteCount(name) <= MaxBytes;
}
