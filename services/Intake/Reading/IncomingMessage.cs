using System.Text.Json.Serialization;
using Governance.Contracts.Intake;

namespace Governance.Intake.Reading;

/// <summary>An event as it was read, with defaults filled in: names are still the sender's, nothing is resolved or believed.</summary>
internal abstract record IncomingMessage
{
    /// <summary>What kind it is, for metrics.</summary>
    [JsonIgnore]
    public abstract string Kind { get; }

    /// <summary>Whether it can only take access away: then it counts in whatever form it comes, as long as it can be read.</summary>
    [JsonIgnore]
    public virtual bool OnlyTakesAway => false;

    public required string Source { get; init; }

    public required string Id { get; init; }

    /// <summary>The names that the catalog must know, the most important first: the first unknown one gives the refusal its code.</summary>
    /// <param name="dataPath">Where the data is in the message.</param>
    public virtual IEnumerable<NamedMember> NamesRequired(string dataPath) => [];

    /// <summary>The names of principals that are left away when the catalog does not know them.</summary>
    [JsonIgnore]
    public virtual IEnumerable<string> NamesWelcome => [];

    /// <summary>What is wrong that only shows once names are ids.</summary>
    /// <param name="idOf">The id of a principal by one of its names.</param>
    /// <param name="dataPath">Where the data is in the message.</param>
    public virtual IEnumerable<RefusalDetail> FaultsByIds(Func<string, string> idOf, string dataPath) => [];
}

/// <summary>A member that names something of the catalog.</summary>
/// <param name="Path">Its JSON path.</param>
/// <param name="Name">The name.</param>
/// <param name="Is">What it names.</param>
/// <param name="UnknownCode">Code of the fault when the catalog has none of that name.</param>
internal sealed record NamedMember(string Path, string Name, Named Is, string UnknownCode);

internal enum Named
{
    Principal,
    Entitlement,
}
