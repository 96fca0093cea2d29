using Governance.Cedar.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>Every question that the suite can ask about some facts, with no entities yet.</summary>
internal static class AnyQuestions
{
    public static IEnumerable<CedarRequest> About(KnownFacts known)
    {
        var right = CedarUids.Entitlement(known.Entitlement.Id);
        var duration = known.Facts.Request.Duration;
        var holding = ContextDocument.ForHolding(known, Facts.Now, duration);
        foreach (var action in new[] { "issue", "renew", "retain" })
        {
            yield return new(CedarUids.Principal(known.Grantee), CedarUids.Action(action), right, holding, "");
        }

        yield return new(
            CedarUids.Principal(known.Requester),
            CedarUids.Action("request"),
            right,
            ContextDocument.ForRequest(known, Facts.Now),
            ""
        );
        yield return new(
            CedarUids.Human("dana"),
            CedarUids.Action("breakGlass"),
            right,
            ContextDocument.ForBreakingGlass(known, Facts.Now, duration),
            ""
        );
        foreach (var approval in known.Facts.Approvals)
        {
            yield return new(
                CedarUids.Human(approval.Approver),
                CedarUids.Action("approve"),
                CedarUids.Request(known.Facts.Request.Grant),
                ContextDocument.ForApproving(approval, Facts.Now),
                ""
            );
        }
    }
}
