namespace Governance.Lifecycle.Grants;

/// <summary>By what the access was still there in effect when it was read back as taken away.</summary>
/// <param name="HeldBy">Other grants that held the same.</param>
/// <param name="Paths">Other paths, in the target's words; none where the target says that there is one and doesn't name it.</param>
public sealed record GrantRemainder(IReadOnlyList<Guid> HeldBy, IReadOnlyList<string> Paths)
{
    /// <summary>Null when nothing was left.</summary>
    public static GrantRemainder? Of(IReadOnlyList<Guid> heldBy, IReadOnlyList<string> paths, bool? effective) =>
        heldBy.Count > 0 || paths.Count > 0 || effective == true ? new GrantRemainder([.. heldBy], [.. paths]) : null;
}
