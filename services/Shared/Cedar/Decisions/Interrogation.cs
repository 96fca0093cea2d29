using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>Puts questions to the engine and records each with its answer.</summary>
internal sealed class Interrogation(CedarEngine engine, PolicyBundle bundle)
{
    private readonly List<EvaluationStep> _steps = [];
    private Question? _last;

    public IReadOnlyList<EvaluationStep> Steps => _steps;

    /// <summary>Asks whether the requester may ask.</summary>
    public EvaluationStep AskRequester(KnownFacts known, DateTimeOffset now) =>
        Ask(
            Purposes.Request,
            gates: true,
            known,
            CedarUids.Principal(known.Requester),
            "request",
            CedarUids.Entitlement(known.Entitlement.Id),
            ContextDocument.ForRequest(known, now),
            known.Facts.Request.Duration
        );

    /// <summary>Asks whether the grantee gets it, keeps it for longer, or keeps it at all.</summary>
    public EvaluationStep AskGrantee(DecisionPurpose purpose, bool gates, KnownFacts known, DateTimeOffset now, TimeSpan duration)
    {
        var action = purpose switch
        {
            DecisionPurpose.Issue => Purposes.Issue,
            DecisionPurpose.Renew => Purposes.Renew,
            DecisionPurpose.Retain => Purposes.Retain,
            _ => throw new InvalidFactsException($"unknown purpose {purpose}"),
        };
        return Ask(
            gates ? action : action + Purposes.WithoutGates,
            gates,
            known,
            CedarUids.Principal(known.Grantee),
            action,
            CedarUids.Entitlement(known.Entitlement.Id),
            ContextDocument.ForHolding(known, now, duration),
            duration
        );
    }

    /// <summary>Asks whether the human who declares an emergency may take it, or keep it.</summary>
    public EvaluationStep AskInEmergency(KnownFacts known, DateTimeOffset now, TimeSpan duration) =>
        Ask(
            Purposes.BreakGlass,
            gates: true,
            known,
            CedarUids.Human(known.Requester.Id),
            "breakGlass",
            CedarUids.Entitlement(known.Entitlement.Id),
            ContextDocument.ForBreakingGlass(known, now, duration),
            duration
        );

    /// <summary>Asks whether an approver may vote on the request.</summary>
    public EvaluationStep AskApprover(ApprovalFacts approval, KnownFacts known, DateTimeOffset now) =>
        Ask(
            Purposes.Approve,
            gates: true,
            known,
            CedarUids.Human(approval.Approver),
            "approve",
            CedarUids.Request(known.Facts.Request.Grant),
            ContextDocument.ForApproving(approval, now),
            duration: null
        );

    /// <summary>Asks whether a reviewer may say that the access stays.</summary>
    public EvaluationStep AskReviewer(PrincipalFacts reviewer, KnownFacts known, DateTimeOffset now) =>
        Ask(
            Purposes.Review,
            gates: true,
            known,
            CedarUids.Human(reviewer.Id),
            "review",
            CedarUids.Entitlement(known.Entitlement.Id),
            ContextDocument.ForReviewing(known, now),
            duration: null
        );

    /// <summary>Which permit came nearest to the last question that found none; null where none can be named.</summary>
    public NearestPermit? Nearest(KnownFacts known) =>
        _last is { } last ? PermitSearch.Nearest(engine, bundle, last.Action, last.Request, known.Facts.Request, last.Duration) : null;

    private EvaluationStep Ask(
        string purpose,
        bool gates,
        KnownFacts known,
        CedarUid principal,
        string action,
        CedarUid resource,
        string context,
        TimeSpan? duration
    )
    {
        var entities = EntityDocument.Write(known, EntityReach.Of(known, principal, resource, bundle.Named));
        var request = new CedarRequest(principal, CedarUids.Action(action), resource, context, entities);
        _last = new Question(action, request, duration);
        var answer = engine.Authorize(bundle.For(action, gates), request);
        var step = new EvaluationStep
        {
            Purpose = purpose,
            Principal = principal.ToString(),
            Resource = resource.ToString(),
            Duration = duration,
            Answer = answer.Decision == CedarDecision.Allow ? PolicyEffect.Permit : PolicyEffect.Forbid,
            Determining = answer.DeterminingPolicies,
            Errors = [.. answer.Errors.Select(error => new EvaluationError(error.PolicyId, error.Message))],
        };
        _steps.Add(step);
        return step;
    }

    private sealed record Question(string Action, CedarRequest Request, TimeSpan? Duration);
}

/// <summary>What a question to the engine was for; see the decision contract.</summary>
internal static class Purposes
{
    public const string Request = "request";
    public const string Issue = "issue";
    public const string Renew = "renew";
    public const string Retain = "retain";
    public const string WithoutGates = "-without-gates";
    public const string BreakGlass = "break-glass";
    public const string Approve = "approve";
    public const string Review = "review";
}
