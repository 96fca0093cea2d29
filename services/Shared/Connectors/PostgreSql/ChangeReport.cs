using System.Globalization;
using System.Text.Json;

namespace Governance.Connectors.PostgreSql;

/// <summary>What a change that was committed could not do.</summary>
/// <param name="Undone">In the order of trying.</param>
/// <param name="Accounts">Whom it was taken from, as these roles are called now.</param>
internal sealed record ChangeReport(IReadOnlyList<UndonePart> Undone, IReadOnlyList<string> Accounts)
{
    public static readonly ChangeReport Nothing = new([], []);

    /// <summary>The access itself may still be there.</summary>
    public bool Keeps => Undone.Any(part => part.Code is UndonePart.Blocked or UndonePart.Refused);

    /// <summary>Somebody holds a lock.</summary>
    public bool Waited => Undone.Any(part => part.Code is UndonePart.Blocked or UndonePart.Fence);

    /// <summary>What was done beside, of which somebody ought to know.</summary>
    public IReadOnlyList<string> Noted { get; private init; } = [];

    /// <summary>The oid of the role that it was given to, if that was dropped since; null if it wasn't, or the fence does not know it.</summary>
    public uint? Dropped { get; private init; }

    public static ChangeReport Parse(string? undone, string? accounts, string? dropped)
    {
        var parts = List<UndonePart>(undone).ToLookup(part => part.Code is UndonePart.Noted);
        return new([.. parts[false]], List<string>(accounts))
        {
            Noted = [.. parts[true].Select(part => part.What)],
            Dropped = uint.TryParse(dropped, NumberStyles.None, CultureInfo.InvariantCulture, out var oid) ? oid : null,
        };
    }

    public ChangeReport With(ChangeReport other) =>
        new([.. Undone, .. other.Undone], [.. Accounts, .. other.Accounts])
        {
            Noted = [.. Noted, .. other.Noted],
            Dropped = Dropped ?? other.Dropped,
        };

    private static List<T> List<T>(string? text) =>
        string.IsNullOrEmpty(text) ? [] : JsonSerializer.Deserialize<List<T>>(text, WireJson.Options)!;
}

/// <param name="Code">Why.</param>
/// <param name="What">For people.</param>
internal sealed record UndonePart(string Code, string What)
{
    /// <summary>Somebody holds what it takes.</summary>
    public const string Blocked = "blocked";

    /// <summary>Somebody holds the row of the fence; the access is gone.</summary>
    public const string Fence = "fence";

    /// <summary>The server does not let the suite, or the suite does not let itself.</summary>
    public const string Refused = "refused";

    /// <summary>Nothing is undone; somebody ought to know.</summary>
    public const string Noted = "noted";
}
