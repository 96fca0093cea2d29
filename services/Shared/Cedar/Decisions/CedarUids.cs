using System.Globalization;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>The entities' names in Cedar.</summary>
internal static class CedarUids
{
    public static CedarUid Action(string name) => new("Governance::Action", name);

    public static CedarUid Principal(PrincipalFacts principal) => new(PrincipalKinds.Of(principal.Kind).Type, principal.Id);

    public static CedarUid Human(string id) => new("Governance::Human", id);

    public static CedarUid Group(string name) => new("Governance::Group", name);

    public static CedarUid Target(string id) => new("Governance::Target", id);

    public static CedarUid Entitlement(string id) => new("Governance::Entitlement", id);

    public static CedarUid Request(Guid grant) => new("Governance::Request", grant.ToString("D", CultureInfo.InvariantCulture));
}
