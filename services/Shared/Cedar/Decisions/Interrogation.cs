using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>Puts questions to the engine and records each with its answer.</summary>
internal sealed class Interrogation(CedarEngine engine, PolicyBundle bundle)
{
    private readonly List<EvaluationStep> _steps = [];

    public IReadOnlyList<EvaluationStep> Steps => _steps;

    /// <summary>Asks about the grantee or the requester.</summary>
    public EvaluationStep Ask(string purpose, KnownFacts known, string entities, DateTimeOffset now, TimeSpan duration) =>
        purpose switch
        {
            Purposes.Request => Ask(
                purpose,
                bundle.All,
                new CedarRequest(
                    CedarUids.Principal(known.Requester),
                    CedarUids.Action("request"),
                    CedarUids.Entitlement(known.Entitlement.Id),
                    ContextDocument.ForRequest(known, now),
                    entities
                ),
                duration
            ),
            _ => Ask(
                purpose,
                purpose is Purposes.IssueWithoutGates ? bundle.WithoutGates : bundle.All,
                new CedarRequest(
                    CedarUids.Principal(known.Grantee),
                    CedarUids.Action("issue"),
                    CedarUids.Entitlement(known.Entitlement.Id),
                    ContextDocument.ForHolding(known, now, duration),
                    entities
                ),
                duration
            ),
        };

    /// <summary>Asks whether an approver may vote on the request.</summary>
    public EvaluationStep AskApprover(ApprovalFacts approval, KnownFacts known, string entities, DateTimeOffset now) =>
        Ask(
            Purposes.Approve,
            bundle.All,
            new CedarRequest(
                CedarUids.Human(approval.Approver),
                CedarUids.Action("approve"),
                CedarUids.Request(known.Facts.Request.Grant),
                ContextDocument.ForApproving(approval, now),
                entities
            ),
            duration: null
        );

    private EvaluationStep Ask(string purpose, CedarPolicySet policies, CedarRequest request, TimeSpan? duration)
    {
        var answer = engine.Authorize(policies, request);
        var step = new EvaluationStep
        {
            Purpose = purpose,
            Principal = request.Principal.ToString(),
            Resource = request.Resource.ToString(),
            Duration = duration,
            Answer = answer.Decision == CedarDecision.Allow ? PolicyEffect.Permit : PolicyEffect.Forbid,
            Determining = answer.DeterminingPolicies,
            Errors = [.. answer.Errors.Select(error => new EvaluationError(error.PolicyId, error.Message))],
        };
        _steps.Add(step);
        return step;
    }
}

/// <summary>What a question to the engine was for; see the decision contract.</summary>
internal static class Purposes
{
    public const string Request = "request";
    public const string Issue = "issue";
    public const string IssueWithoutGates = "issue-without-gates";
    public const string Approve = "approve";
}
