using System.Text.Json;
using Governance.Contracts.Decisions;
using Governance.Contracts.Expiry;
using Governance.Contracts.Issuance;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;

namespace Governance.Lifecycle.Tests.Running;

/// <summary>What Policy and Issuance would answer.</summary>
internal static class Answers
{
    public const string GateId = "high-risk-needs-a-dba";

    public static AccessFacts FactsOf(EvaluateAccess question) =>
        JsonSerializer.Deserialize<AccessFacts>(question.Facts, WireJson.Options)!;

    public static AccessEvaluated Of(
        EvaluateAccess question,
        Outcome outcome,
        Func<Decision, Decision>? change = null,
        bool discharged = false
    ) =>
        new()
        {
            EvaluationId = question.EvaluationId,
            GrantId = question.GrantId,
            EvaluatedAt = question.Now,
            Decision = (change ?? (d => d))(Decide(question, outcome, discharged)),
        };

    /// <summary>As where no permit holds, and one came near.</summary>
    public static Decision WithoutPermit(Decision decision) =>
        decision with
        {
            Policies = [],
            Reasons = ["no-permit"],
            Nearest = new NearestPermit { Policy = "readers", Lacked = ["duration at most PT4H, asked PT8H"] },
        };

    /// <summary>As where a forbid says why.</summary>
    public static Decision Frozen(Decision decision) =>
        decision with
        {
            Policies =
            [
                new DeterminingPolicy
                {
                    Id = "freeze",
                    Effect = PolicyEffect.Forbid,
                    Reason = "Nothing changes\nbefore the audit\u202E is over.",
                    Advice = "Ask again in " + new string('M', 600),
                },
            ],
        };

    public static Gate Gate(Guid? approval = null, string? approver = null) =>
        new()
        {
            Id = GateId,
            Requirement = "1 of group:dba-oncall",
            Discharged = approval is not null,
            Slots =
            [
                new GateSlot
                {
                    From = "group:dba-oncall",
                    Approval = approval,
                    Approver = approver,
                },
            ],
        };

    public static HoldingObserved Observed(ReconcileHolding command, DateTimeOffset at, bool? direct = null) =>
        new()
        {
            Principal = command.Principal,
            Entitlement = command.Entitlement,
            Revision = command.Revision,
            Direct = direct ?? command.Leases.Count > 0,
            Effective = direct ?? command.Leases.Count > 0,
            Until = command.Leases.Count > 0 ? command.Leases.Max(l => l.Until) : null,
            ObservedAt = at,
        };

    public static HoldingFailed Failed(ReconcileHolding command, DateTimeOffset at, int attempt = 1, string code = "unreachable") =>
        new()
        {
            Principal = command.Principal,
            Entitlement = command.Entitlement,
            Revision = command.Revision,
            Attempt = attempt,
            Code = code,
            Message = "connection refused",
            FailedAt = at,
            NextAttemptAt = at.AddMinutes(5),
        };

    public static DeadlineReached Reached(SetDeadline deadline) =>
        new()
        {
            GrantId = deadline.GrantId,
            Kind = deadline.Kind,
            Due = deadline.Due,
            Revision = deadline.Revision,
        };

    private static Decision Decide(EvaluateAccess question, Outcome outcome, bool discharged)
    {
        var facts = FactsOf(question);
        var vote = facts.Approvals.Count > 0 ? facts.Approvals[0] : null;
        return new Decision
        {
            Outcome = outcome,
            Purpose = question.Purpose,
            Now = question.Now,
            Bundle = question.Bundle,
            Schema = "sha256:schema",
            Engine = "test",
            Facts = question.FactsDigest,
            Duration = facts.Request.Duration,
            Cuts = [],
            Reasons = outcome == Outcome.Forbid ? ["forbidden"] : [],
            Policies =
            [
                new DeterminingPolicy
                {
                    Id = outcome == Outcome.Forbid ? "no" : "yes",
                    Effect = outcome == Outcome.Forbid ? PolicyEffect.Forbid : PolicyEffect.Permit,
                },
            ],
            Gates =
                outcome == Outcome.ApprovalRequired ? [Gate()]
                : discharged ? [Gate(vote?.Id, vote?.Approver)]
                : [],
            Uncounted = [],
            Obligations = new Obligations(),
            Errors = [],
            Steps = [],
        };
    }
}
