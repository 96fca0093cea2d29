using Npgsql;

namespace Governance.Connectors.PostgreSql;

/// <summary>A role that is there for a grant, or may be.</summary>
/// <param name="Account">By the name that it was made with, whose grant it is; the name is the one that it has.</param>
/// <param name="Effective">It has the privilege, by whatever path.</param>
/// <param name="Made">The name that it was made with; null where nothing but the comment says that it was made by the suite.</param>
/// <param name="Noted">It has the comment.</param>
/// <param name="Direct">It is a member of the privilege itself.</param>
internal sealed record FoundLogin(GrantAccount Account, bool Effective, string? Made, bool Noted, bool Direct)
{
    /// <summary>Its name is another one than the suite gave it.</summary>
    public bool Renamed => Made is not null && !string.Equals(Made, Account.Name, StringComparison.Ordinal);

    /// <summary>What has the oid of one, and neither its comment nor the privilege, is somebody else.</summary>
    public bool IsOfAGrant => Made is not null && (!Renamed || Noted || Direct);

    public string Rename => $"renamed since: the login of grant {Account.Grant} is called {Account.Name} now";

    public string Doubt =>
        $"the role {Account.Name}, whose comment is that of a login of this access: if it was one and renamed, drop it, else change the comment";

    public static FoundLogin Of(string prefix, NpgsqlDataReader row)
    {
        var made = row.Text(3);
        return new(
            new(
                made is null ? Guid.Empty : GrantRole.GrantOf(prefix, made),
                row.GetString(0),
                row.IsDBNull(1) ? null : row.GetFieldValue<DateTimeOffset>(1)
            ),
            Effective: row.GetBoolean(2),
            Made: made,
            Noted: row.GetBoolean(4),
            Direct: row.GetBoolean(5)
        );
    }
}
