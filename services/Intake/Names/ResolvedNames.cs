using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Grpc.V1;
using Governance.Intake.Reading;

namespace Governance.Intake.Names;

/// <summary>What the catalog says about the names in a message and about its source.</summary>
internal sealed class ResolvedNames(ResolveResponse answer, IReadOnlyCollection<string> trustedFor)
{
    public string Catalog => answer.CatalogDigest;

    /// <summary>Whether the publisher proves to be the source. One that is trusted for anything does: an earlier Lifecycle says only that.</summary>
    public bool Proven => trustedFor.Count > 0 || answer.Proven;

    public string IdOf(string name) => answer.Principals[name].Id;

    /// <summary>The id of a person; null when the catalog has no person of that name.</summary>
    public string? PersonOf(string? name) =>
        name is not null && answer.Principals.TryGetValue(name, out var found) && found.Kind is "human" ? found.Id : null;

    public Assurance AssuranceOf(string claim) =>
        trustedFor.Contains(claim, StringComparer.Ordinal) ? Assurance.Verified : Assurance.Claimed;

    /// <summary>Every member that names something unknown.</summary>
    public IReadOnlyList<RefusalDetail> Unknown(IncomingMessage message, string dataPath)
    {
        var faults = new FaultList();
        foreach (var member in message.NamesRequired(dataPath).Where(m => !IsKnown(m)))
        {
            faults.Add(member.Path, member.UnknownCode, Remedy(member.Is));
        }

        return faults.ToList().ToDetails();
    }

    private bool IsKnown(NamedMember member) =>
        member.Is == Named.Entitlement
            ? answer.Entitlements.Contains(member.Name, StringComparer.Ordinal)
            : answer.Principals.ContainsKey(member.Name);

    private static string Remedy(Named named) =>
        named == Named.Entitlement
            ? "Name an entitlement of the catalog, for example orders-db/readonly."
            : "Name a principal of the catalog, by its name or its id.";
}
