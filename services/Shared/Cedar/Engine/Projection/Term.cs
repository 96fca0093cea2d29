using System.Text;

namespace Governance.Cedar;

/// <summary>Where a path of attributes starts.</summary>
internal enum TermRoot
{
    Principal,
    Action,
    Resource,
    Context,

    /// <summary>An entity that the policy names.</summary>
    Named,
}

/// <summary>Attributes that a policy follows from one of its variables or from an entity that it names.</summary>
/// <param name="Root">Where it starts.</param>
/// <param name="Named">The entity it starts at, if it starts at one that the policy names.</param>
/// <param name="Attributes">The attributes, in the order in which they are followed.</param>
internal sealed record Term(TermRoot Root, CedarUid? Named, IReadOnlyList<byte[]> Attributes)
{
    /// <summary>The attributes whose presence is asked for after that; null where the value itself is.</summary>
    public IReadOnlyList<byte[]>? Presence { get; init; }

    /// <summary>The entities of which it is asked whether it is one or is below one; null where the value itself is asked for.</summary>
    public IReadOnlyList<CedarUid>? Within { get; init; }

    /// <summary>The same for the same term.</summary>
    public string Key =>
        $"{Root} {Named} {Join(Attributes)} {(Presence is null ? "" : "has " + Join(Presence))}{(Within is null ? "" : "in " + Join(Within))}";

    private static string Join(IReadOnlyList<CedarUid> entities) =>
        string.Join(',', entities.Select(entity => $"{entity.Type.Length}:{entity.Type}{entity.Id.Length}:{entity.Id}"));

    private static string Join(IReadOnlyList<byte[]> names) =>
        string.Join('.', names.Select(name => $"{name.Length}:{Encoding.UTF8.GetString(name)}"));
}
