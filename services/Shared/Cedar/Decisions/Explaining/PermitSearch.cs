using System.Globalization;
using System.Text.Json;
using Governance.Cedar.Bundles;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>
/// Finds the permit that came nearest where none held. Nearest is who lacks least: first of what speaks of the resource alone and of the
/// principal, since whoever asks can change neither, then of everything; of those that lack as much, the first by id. Pure like the
/// decision that it explains. Its cost is bounded: one question more to the engine, and none where that would have too many parts.
/// </summary>
internal static class PermitSearch
{
    /// <summary>The most parts of permits that are looked at.</summary>
    public const int MaxParts = 256;

    /// <summary>The most that are named.</summary>
    public const int MaxNamed = 5;

    /// <summary>Null where there is no permit to name, where there are too many, and where the engine can't tell.</summary>
    /// <param name="engine">Is asked which parts are met.</param>
    /// <param name="bundle">The policies.</param>
    /// <param name="action">The action's name.</param>
    /// <param name="request">The question that no permit answered.</param>
    /// <param name="asked">What was asked for.</param>
    /// <param name="duration">The duration that policies saw.</param>
    public static NearestPermit? Nearest(
        CedarEngine engine,
        PolicyBundle bundle,
        string action,
        CedarRequest request,
        RequestFacts asked,
        TimeSpan? duration
    )
    {
        try
        {
            if (Candidates(bundle, action, request) is not { Count: > 0 } candidates)
            {
                return null;
            }

            var probes = candidates.SelectMany(candidate => candidate.Parts).ToList();
            var names = new Dictionary<PermitPart, string>(ReferenceEqualityComparer.Instance);
            foreach (var part in probes)
            {
                names.Add(part, names.Count.ToString(CultureInfo.InvariantCulture));
            }

            if (engine.Holding(Write(probes, names), bundle.For(action, gates: true), request) is not { } met)
            {
                return null;
            }

            var lacking = candidates
                .Select(candidate => new Lacking(
                    candidate.Policy,
                    WithoutGuards([.. candidate.Parts.Where(part => !met.Contains(names[part]))])
                ))
                // Who wants another action alone is about something else.
                .Where(permit => !permit.Parts.Exists(IsOfActionAlone))
                .ToList();
            return lacking.Count == 0 || lacking.Exists(permit => permit.Parts.Count == 0)
                ? null
                : Describe(Nearest(lacking), new PartText(asked, duration));
        }
        catch (Exception failure) when (failure is KeyNotFoundException or InvalidOperationException or JsonException)
        {
            // A form that is not known here: the decision stands without.
            return null;
        }
    }

    // Permits that name another resource are near only where there are no others.
    private static List<Candidate>? Candidates(PolicyBundle bundle, string action, CedarRequest request)
    {
        var here = new List<Candidate>();
        var elsewhere = new List<Candidate>();
        var (hereParts, elsewhereParts) = (0, 0);
        foreach (var policy in bundle.PermitsFor(action))
        {
            var isElsewhere = NamesAnother(policy.Json.GetProperty("resource"), request.Resource);
            if (isElsewhere && (here.Count > 0 || elsewhereParts > MaxParts))
            {
                continue;
            }

            var candidate = new Candidate(policy, [.. PermitPart.Of(policy.Json, request.Action)]);
            if (isElsewhere)
            {
                elsewhere.Add(candidate);
                elsewhereParts += candidate.Parts.Count;
                continue;
            }

            here.Add(candidate);
            hereParts += candidate.Parts.Count;
            if (hereParts > MaxParts)
            {
                return null;
            }
        }

        return here.Count > 0 ? here
            : elsewhereParts <= MaxParts ? elsewhere
            : null;
    }

    private static bool NamesAnother(JsonElement scope, CedarUid resource) =>
        scope.GetProperty("op").ValueEquals("==") && PolicyProjector.Uid(scope.GetProperty("entity")) != resource;

    private static string Write(List<PermitPart> probes, Dictionary<PermitPart, string> names) =>
        CedarJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("staticPolicies");
            foreach (var part in probes)
            {
                writer.WritePropertyName(names[part]);
                part.WriteProbe(writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        });

    private static List<PermitPart> WithoutGuards(List<PermitPart> lacked) =>
        [.. lacked.Where(part => !lacked.Exists(other => part.Guards(other)))];

    private static bool IsOfActionAlone(PermitPart part) =>
        part.Reads("action") && !part.Reads("principal") && !part.Reads("resource") && !part.Reads("context");

    private static Lacking Nearest(IEnumerable<Lacking> permits) =>
        permits
            .OrderBy(permit => permit.OfResource)
            .ThenBy(permit => permit.OutsideRequest)
            .ThenBy(permit => permit.Parts.Count)
            .ThenBy(permit => permit.Policy.Id, StringComparer.Ordinal)
            .First();

    private static NearestPermit Describe(Lacking permit, PartText text) =>
        new()
        {
            Policy = permit.Policy.Id,
            Lacked = [.. permit.Parts.Take(MaxNamed).Select(text.Of)],
            More = permit.Parts.Count > MaxNamed ? permit.Parts.Count - MaxNamed : null,
        };

    private sealed record Candidate(PolicyDefinition Policy, IReadOnlyList<PermitPart> Parts);

    private sealed record Lacking(PolicyDefinition Policy, List<PermitPart> Parts)
    {
        public int OfResource => Parts.Count(part => part.Reads("resource") && !part.Reads("principal") && !part.Reads("context"));

        public int OutsideRequest => Parts.Count(part => !part.Reads("context"));
    }
}
