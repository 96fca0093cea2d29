using System.Globalization;
using System.Text;

namespace Governance.Connectors.PostgreSql;

/// <summary>Who has what a change waited for.</summary>
/// <param name="Role">Whose it is.</param>
/// <param name="Database">Where it works.</param>
/// <param name="Session">The process at the server; null for a prepared transaction.</param>
/// <param name="Prepared">The prepared transaction's identifier.</param>
/// <param name="Since">Since when that is prepared.</param>
internal sealed record LockHolder(string? Role, string? Database, int? Session, string? Prepared, DateTimeOffset? Since)
{
    public static string Describe(IReadOnlyCollection<LockHolder> holders) =>
        holders.Count == 0
            ? "Who held it is not there any more."
            : $"It is held by {string.Join(" and ", holders.Select(holder => holder.ToString()))}.";

    public override string ToString() =>
        Prepared is { } gid
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the prepared transaction gid '{Printable(gid)}' of {Printable(Role)} in {Printable(Database)}, prepared at {Since:yyyy-MM-ddTHH:mm:ssZ}"
            )
            : string.Create(CultureInfo.InvariantCulture, $"the session pid {Session} of {Printable(Role)} in {Printable(Database)}");

    // Whoever prepares a transaction names it as he likes.
    private static string Printable(string? text) =>
        text is null
            ? "?"
            : text.EnumerateRunes()
                .Aggregate(new StringBuilder(), (all, rune) => all.Append(Rune.IsControl(rune) ? "\uFFFD" : rune.ToString()))
                .ToString();
}
