using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>One decision on its way.</summary>
internal sealed class Deliberation(CedarEngine engine, PolicyBundle bundle, AccessFacts facts, DateTimeOffset now)
{
    private readonly Interrogation _questions = new(engine, bundle);
    private DurationLimit _duration = new(TimeSpan.Zero);
    private string _factsDigest = string.Empty;

    public Decision Decide()
    {
        try
        {
            _factsDigest = CanonicalJson.Digest(CanonicalJson.Serialize(facts, WireJson.Options));
            var known = new KnownFacts(facts);
            return DecideOn(known, EntityDocument.Write(known));
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

    private Decision DecideOn(KnownFacts known, string entities)
    {
        _duration = new DurationLimit(facts.Request.Duration);
        var request = _questions.Ask(Purposes.Request, known, entities, now, facts.Request.Duration);
        if (RefusalOf(request) is { } refusal)
        {
            return Forbid(refusal, Ruling.Determining(bundle, request), request.Errors);
        }

        _duration.CutTo(known.Entitlement.MaxDuration, "catalog");
        _duration.CutTo(facts.SystemMaxDuration, "system");

        var ruling = Rule(known, entities);
        if (ruling.Refusal is null && CutByPolicy(ruling))
        {
            ruling = Rule(known, entities);
            if (ruling.Refusal is null && ObligationRules.Shortest(ruling.Binding)?.MaxDuration < _duration.Duration)
            {
                return Forbid(DecisionReasons.Duration, [.. ruling.Binding], []);
            }
        }

        return ruling.Refusal is { } reason ? Forbid(reason, ruling.Forbids, ruling.Errors) : Conclude(known, entities, ruling);
    }

    private Ruling Rule(KnownFacts known, string entities) =>
        Ruling.Of(
            bundle,
            _questions.Ask(Purposes.Issue, known, entities, now, _duration.Duration),
            () => _questions.Ask(Purposes.IssueWithoutGates, known, entities, now, _duration.Duration)
        );

    private bool CutByPolicy(Ruling ruling) =>
        ObligationRules.Shortest(ruling.Binding) is { MaxDuration: { } limit } policy && _duration.CutTo(limit, $"policy:{policy.Id}");

    private Decision Conclude(KnownFacts known, string entities, Ruling ruling)
    {
        var count = ApprovalCount.Of(ruling.Gates, known, approval => _questions.AskApprover(approval, known, entities, now));
        return Compose(
            count.AllFilled ? Outcome.Permit : Outcome.ApprovalRequired,
            count.AllFilled ? DecisionReasons.Permitted : DecisionReasons.ApprovalRequired
        ) with
        {
            Duration = _duration.Duration,
            Policies = [.. ruling.Binding.Select(Describe)],
            Gates = [.. ruling.Gates.Select(count.Describe)],
            Uncounted = count.Uncounted,
            Obligations = ObligationRules.Of(ruling.Binding),
        };
    }

    private static string? RefusalOf(EvaluationStep request) =>
        request.Errors.Count > 0 ? DecisionReasons.EvaluationError
        : request.Answer == PolicyEffect.Permit ? null
        : request.Determining.Count == 0 ? DecisionReasons.RequestNoPermit
        : DecisionReasons.RequestForbidden;

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
            Risk = policy.Risk is { } risk ? PrincipalKinds.NameOf(risk) : null,
            Rationale = policy.Rationale,
        };
}
