using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Grpc.V1;
using Governance.Intake.Requests;

namespace Governance.Intake.Names;

/// <summary>What the catalog says about the names in a request and about its source.</summary>
internal sealed class ResolvedNames(ResolveResponse answer, IReadOnlyCollection<string> trustedFor)
{
    public string Catalog => answer.CatalogDigest;

    public string IdOf(string name) => answer.Principals[name].Id;

    public Assurance AssuranceOf(string claim) =>
        trustedFor.Contains(claim, StringComparer.Ordinal) ? Assurance.Verified : Assurance.Claimed;

    /// <summary>Every member that names something unknown.</summary>
    public IReadOnlyList<RefusalDetail> Unknown(AccessRequest request, string dataPath)
    {
        var faults = new FaultList();
        if (!answer.Entitlements.Contains(request.Entitlement, StringComparer.Ordinal))
        {
            faults.Add(
                FaultList.Member(dataPath, "entitlement"),
                "unknown-entitlement",
                "Name an entitlement of the catalog, for example orders-db/readonly."
            );
        }

        Check(request.Principal, FaultList.Member(dataPath, "principal"), "unknown-principal", faults);
        Check(request.Requester, FaultList.Member(dataPath, "requester"), "unknown-requester", faults);
        var approvals = FaultList.Member(dataPath, "approvals");
        for (var i = 0; i < request.Approvals.Count; i++)
        {
            Check(request.Approvals[i].Approver, FaultList.Member(FaultList.Item(approvals, i), "approver"), "unknown-approver", faults);
        }

        // The first fault gives the refusal its code: the grantee matters most.
        return
        [
            .. faults
                .ToDetails()
                .OrderBy(f =>
                    f.Code is "unknown-principal" ? 0
                    : f.Code is "unknown-entitlement" ? 1
                    : 2
                ),
        ];
    }

    private void Check(string name, string path, string code, FaultList faults)
    {
        if (!answer.Principals.ContainsKey(name))
        {
            faults.Add(path, code, "Name a principal of the catalog, by its name or its id.");
        }
    }
}
