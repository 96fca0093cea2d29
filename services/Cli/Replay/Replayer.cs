using System.Globalization;
using System.Text.Json;
using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;
using Governance.Cli.Services;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Replay;

/// <summary>Makes recorded decisions again, from the recorded facts with the recorded bundle, and compares.</summary>
internal sealed class Replayer(DecisionEngine engine, BundleSource bundles)
{
    private static readonly string[] Versions = ["rules", "engine"];

    public async Task<ReplayedDecision> ReplayAsync(RecordedDecision recorded, CancellationToken cancellationToken)
    {
        var problems = new List<JsonDifference>();
        if (Read<Decision>("decision", recorded.Decision.GetRawText(), WireJson.Strict, problems) is not { } decision)
        {
            return Result(recorded, null, problems);
        }

        if (recorded is not { Facts: { } text, Now: { } now })
        {
            problems.Add(new JsonDifference("facts", decision.Facts, "the store has no evaluation with these facts"));
            return Result(recorded, null, problems);
        }

        CheckEvaluation(recorded, text, decision, problems);
        var facts = Read<AccessFacts>("facts", text, WireJson.Options, problems);
        if (facts is not null && facts.Request.Grant != recorded.GrantId)
        {
            problems.Add(new JsonDifference("facts.request.grant", facts.Request.Grant.ToString(), recorded.GrantId.ToString()));
        }

        var (bundle, problem) = await bundles.GetAsync(decision.Bundle, cancellationToken);
        if (bundle is null)
        {
            problems.Add(new JsonDifference("bundle", decision.Bundle, problem));
        }

        return bundle is null || facts is null
            ? Result(recorded, null, problems)
            : Compare(recorded, decision, now, bundle, facts, problems);
    }

    private ReplayedDecision Compare(
        RecordedDecision recorded,
        Decision decision,
        DateTimeOffset now,
        PolicyBundle bundle,
        AccessFacts facts,
        List<JsonDifference> problems
    )
    {
        // Other rules and engines explain another outcome, never a record that contradicts itself.
        var broken = problems.Count > 0;
        var made = engine.Decide(decision.Purpose, now, bundle, facts);
        if (decision.Nearest is null)
        {
            // It only explains, and a record that is older than it, or for which it could not be found, is none the worse for that.
            made = made with
            {
                Nearest = null,
            };
        }

        var madeByOthers = decision.Rules != made.Rules || decision.Engine != made.Engine;
        if (CanonicalJson.Serialize(decision, WireJson.Options) != CanonicalJson.Serialize(made, WireJson.Options))
        {
            var differences = JsonDifference.Between(
                JsonSerializer.SerializeToElement(decision, WireJson.Options),
                JsonSerializer.SerializeToElement(made, WireJson.Options)
            );
            problems.AddRange(differences.Where(d => !madeByOthers || !Versions.Contains(d.Member, StringComparer.Ordinal)));
        }

        return Result(
            recorded,
            madeByOthers && !broken ? string.Create(CultureInfo.InvariantCulture, $"rules {decision.Rules}, {decision.Engine}") : null,
            problems
        );
    }

    private static void CheckEvaluation(RecordedDecision recorded, string facts, Decision decision, List<JsonDifference> problems)
    {
        if (CanonicalJson.Digest(facts) is var digest && digest != recorded.FactsDigest)
        {
            problems.Add(new JsonDifference("factsDigest", recorded.FactsDigest ?? "absent", digest));
        }

        if (recorded.Bundle != decision.Bundle)
        {
            problems.Add(new JsonDifference("bundle", decision.Bundle, $"the evaluation was to be made with {recorded.Bundle}"));
        }
    }

    private static T? Read<T>(string member, string json, JsonSerializerOptions options, List<JsonDifference> problems)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, options) ?? throw new JsonException("The document is null.");
        }
        catch (JsonException e)
        {
            problems.Add(new JsonDifference(member, "a document that this program can't read", e.Message));
            return null;
        }
    }

    private static ReplayedDecision Result(RecordedDecision recorded, string? madeBy, IReadOnlyList<JsonDifference> differences) =>
        new()
        {
            Sequence = recorded.Sequence,
            GrantId = recorded.GrantId,
            EvaluationId = recorded.EvaluationId,
            MadeBy = madeBy,
            Differences = differences,
        };
}
