using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>One decision on its way.</summary>
internal sealed class Deliberation(CedarEngine engine, PolicyBundle bundle, DecisionPurpose purpose, AccessFacts facts, DateTimeOffset now)
{
    private readonly Interrogation _questions = new(engine, bundle);
    private DurationLimit _duration = new(TimeSpan.Zero);
    private string _factsDigest = string.Empty;

    public Decision Decide()
    {
        try
        {
            _factsDigest = CanonicalJson.Digest(CanonicalJson.Serialize(facts, WireJson.Options));
            var known = new KnownFacts(facts, now);
            return DecideOn(known);
        }
        catch (InvalidFactsException invalid)
        {
            return Forbid(DecisionReasons.InvalidFacts, [], [new EvaluationError(null, invalid.Message)]);
        }
        catch (CedarEngineException failure)
        {
            return Forbid(DecisionReasons.EngineFailure, [], [new EvaluationError(null, failure.Message)]);
        }
#pragma warning disable CA1031 // Fail closed: whatever facts can bring about here, the answer is no and says why.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return Forbid(DecisionReasons.InvalidFacts, [], [new EvaluationError(null, $"{failure.GetType().Name}: {failure.Message}")]);
        }
    }

    private Decision DecideOn(KnownFacts known)
    {
        _duration = new DurationLimit(facts.Request.Duration);
        if (purpose == DecisionPurpose.Issue)
        {
            if (known.Facts.Request.Emergency && Emergency.ObjectionTo(known, now) is { } objection)
            {
                return Forbid(objection, [], []);
            }

            var request = _questions.AskRequester(known, now);
            if (RefusalOf(request) is { } refusal)
            {
                return Refuse(refusal, Ruling.Determining(bundle, request), request.Errors, known);
            }
        }

        if (purpose == DecisionPurpose.Review)
        {
            return DecideOnReviewer(
                known,
                known.Principal(facts.Reviewer ?? throw new InvalidFactsException("nobody reviews"), "reviewer")
            );
        }

        if (purpose == DecisionPurpose.Retain)
        {
            if (known.Delegation is { HeldUntil: { } until } && until <= now)
            {
                return Forbid(DecisionReasons.DelegationOver, [], []);
            }

            // What is there is not cut: it goes on as it was given, or not at all.
            var retained = Rule(known);
            return retained.Refusal is { } lost
                ? Refuse(lost, retained.Forbids, retained.Errors, known)
                : Conclude(known, retained, ApprovalCount.Of([], known, Approver(known)), notBefore: null);
        }

        var limits = new Limits(known, now);
        limits.CutBefore(_duration);
        return _duration.Duration > TimeSpan.Zero ? DecideWithin(limits, known) : Forbid(DecisionReasons.DelegationOver, [], []);
    }

    private Decision DecideOnReviewer(KnownFacts known, PrincipalFacts reviewer)
    {
        if (Reviewing.ObjectionTo(reviewer, known) is { } objection)
        {
            return Forbid(objection, [], []);
        }

        var ruling = Ruling.Of(
            bundle,
            _questions.AskReviewer(reviewer, known, now),
            () => throw new InvalidFactsException("a gate fired on a review")
        );
        return ruling.Refusal is { } refusal
            ? Refuse(refusal, ruling.Forbids, ruling.Errors, known)
            : Compose(Outcome.Permit, DecisionReasons.Permitted) with
            {
                Duration = _duration.Duration,
                Policies = [.. ruling.Permits.Select(Describe)],
            };
    }

    private Decision DecideWithin(Limits limits, KnownFacts known)
    {
        for (var mayCut = true; ; mayCut = false)
        {
            var ruling = Rule(known);
            if (ruling.Refusal is { } reason)
            {
                return Refuse(reason, ruling.Forbids, ruling.Errors, known);
            }

            if (purpose == DecisionPurpose.Issue && known.IsEmergency && Emergency.IsTooMany(known, ruling))
            {
                return Forbid(DecisionReasons.TooManyUnreviewed, [.. ruling.Binding], []);
            }

            if (facts.Request.Ticket is null && ruling.Binding.Any(policy => policy.BoundToTicket))
            {
                return Forbid(DecisionReasons.NoTicket, [.. ruling.Binding], []);
            }

            if (limits.ObjectionTo(ruling) is { } objection)
            {
                return Forbid(objection, [.. ruling.Binding], []);
            }

            var count = ApprovalCount.Of(ruling.Gates, known, Approver(known));
            if (!limits.CutAfter(_duration, ruling, count))
            {
                return Conclude(known, ruling, count, limits.NotBefore(ruling)) with { NotAfter = limits.NotAfter(ruling) };
            }

            // What policies say is asked once more about the shorter duration; who then asks for less still is not followed.
            if (!mayCut)
            {
                return Forbid(DecisionReasons.Duration, [.. ruling.Binding], []);
            }
        }
    }

    // A gate names issue or renew in its scope, so nothing but these is ever denied by gates only.
    private Ruling Rule(KnownFacts known)
    {
        EvaluationStep Ask(bool gates) =>
            known.IsEmergency
                ? _questions.AskInEmergency(known, now, _duration.Duration)
                : _questions.AskGrantee(purpose, gates, known, now, _duration.Duration);
        return Ruling.Of(bundle, Ask(gates: true), () => Ask(gates: false));
    }

    private Func<ApprovalFacts, EvaluationStep> Approver(KnownFacts known) => approval => _questions.AskApprover(approval, known, now);

    private Decision Conclude(KnownFacts known, Ruling ruling, ApprovalCount count, DateTimeOffset? notBefore)
    {
        var relied = known.Conflicts.ReliedOn(known.Entitlement, known.ActorHeld);
        return Compose(
            count.AllFilled ? Outcome.Permit : Outcome.ApprovalRequired,
            count.AllFilled ? DecisionReasons.Permitted : DecisionReasons.ApprovalRequired
        ) with
        {
            Duration = _duration.Duration,
            Policies = [.. ruling.Binding.Select(Describe)],
            Gates = [.. ruling.Gates.Select(count.Describe)],
            Uncounted = count.Uncounted,
            Exemptions =
                relied.Count == 0
                    ? null
                    :
                    [
                        .. relied.Select(applied => new AppliedExemption(
                            applied.Exemption.Id,
                            applied.Conflict.Id,
                            applied.Exemption.Until,
                            applied.Exemption.CompensatingControl,
                            applied.Exemption.ApprovedBy
                        )),
                    ],
            Obligations = ObligationRules.Of(ruling.Binding, known.IsEmergency, notBefore),
        };
    }

    private static string? RefusalOf(EvaluationStep request) =>
        request.Errors.Count > 0 ? DecisionReasons.EvaluationError
        : request.Answer == PolicyEffect.Permit ? null
        : request.Determining.Count == 0 ? DecisionReasons.RequestNoPermit
        : DecisionReasons.RequestForbidden;

    // What a forbid, an error or the suite's own rules refuse has nothing to do with permits.
    private Decision Refuse(
        string reason,
        IReadOnlyList<PolicyDefinition> policies,
        IReadOnlyList<EvaluationError> errors,
        KnownFacts known
    ) =>
        Forbid(reason, policies, errors) with
        {
            Nearest = reason is DecisionReasons.NoPermit or DecisionReasons.RequestNoPermit ? _questions.Nearest(known) : null,
        };

    private Decision Forbid(string reason, IReadOnlyList<PolicyDefinition> policies, IReadOnlyList<EvaluationError> errors) =>
        Compose(Outcome.Forbid, reason) with
        {
            Policies = [.. policies.Select(Describe)],
            Errors = errors,
        };

    private Decision Compose(Outcome outcome, string reason) =>
        new()
        {
            Outcome = outcome,
            Purpose = purpose,
            Rules = DecisionEngine.Rules,
            Now = now,
            Bundle = bundle.Digest,
            Schema = bundle.SchemaDigest,
            Engine = $"cedar-wasm {engine.EngineVersion}",
            Facts = _factsDigest,
            Duration = TimeSpan.Zero,
            Cuts = _duration.Cuts,
            Reasons = [reason],
            Policies = [],
            Gates = [],
            Uncounted = [],
            Obligations = new Obligations(),
            Errors = [],
            Steps = _questions.Steps,
        };

    private static DeterminingPolicy Describe(PolicyDefinition policy) =>
        new()
        {
            Id = policy.Id,
            Effect = policy.Effect,
            Reason = policy.Reason,
            Control = policy.Control,
            Advice = policy.Advice,
            Risk = policy.Risk is { } risk ? PrincipalKinds.NameOf(risk) : null,
            Rationale = policy.Rationale,
        };
}
