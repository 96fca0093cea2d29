using System.Diagnostics;
using System.Text.Json;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Contracts.Policy;
using Governance.Messaging;
using Governance.Policy.Bundles;
using MassTransit;

namespace Governance.Policy.Decisions;

/// <summary>Decides, and answers. The same question gets the same answer, so a repeat does no harm.</summary>
internal sealed class EvaluateAccessConsumer(BundleStore bundles, DecisionEngine engine, DecisionMetrics metrics, TimeProvider clock)
    : IConsumer<EvaluateAccess>
{
    public async Task Consume(ConsumeContext<EvaluateAccess> context)
    {
        var m = context.Message;
        if (CanonicalJson.Digest(m.Facts) != m.FactsDigest)
        {
            throw new InvalidOperationException($"The facts of evaluation {m.EvaluationId} are not those of their digest.");
        }

        var facts = JsonSerializer.Deserialize<AccessFacts>(m.Facts, WireJson.Options)!;
        var bundle = await bundles.GetAsync(m.Bundle, context.CancellationToken);
        var started = Stopwatch.GetTimestamp();
        var decision = engine.Decide(m.Purpose, m.Now, bundle, facts);
        metrics.Decided(decision.Outcome, Stopwatch.GetElapsedTime(started));
        var answer = new AccessEvaluated
        {
            EvaluationId = m.EvaluationId,
            GrantId = m.GrantId,
            EvaluatedAt = clock.Now(),
            Decision = decision,
        };
        CrashPoints.Reach("policy.answer.before-publish");
        await context.PublishMandatoryAsync(answer, NameBasedUuid.Create(m.EvaluationId, "answer"), context.CancellationToken);
        CrashPoints.Reach("policy.answer.after-publish");
    }
}
