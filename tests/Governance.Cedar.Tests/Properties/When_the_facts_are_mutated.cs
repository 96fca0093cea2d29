using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>Whatever the facts hold, the answer is a decision that can be recorded, and no Permit where something does not add up.</summary>
public sealed class When_the_facts_are_mutated
{
    private static readonly string[] Values =
    [
        "null",
        "true",
        "0",
        "-1",
        "9007199254740991",
        "\"\"",
        "\"nobody\"",
        "\"omar\"",
        "\"grantee\"",
        "\"orders-db/writer\"",
        "\"ledger-db\"",
        "\"human\"",
        "\"verified\"",
        "\"PT0S\"",
        "\"PT0.0000001S\"",
        "\"P10675198D\"",
        "\"0001-01-01T00:00:00Z\"",
        "\"9999-12-31T23:59:59.999Z\"",
        "\"\\u0000\"",
        "\"\\\"\\\\\"",
        "\"é\\ud83d\\ude00\"",
        "[]",
        "[null]",
        "{}",
    ];

    private static readonly Gen<(int Where, int How, string Value)> Edit = Gen.Select(
        Gen.Int[0, 100_000],
        Gen.Int[0, 5],
        Gen.OneOf(Values)
    );

    private static readonly Lazy<Governance.Cedar.Bundles.PolicyBundle> Open = new(() =>
        Texts.Bundle(
            Texts.MayRequest,
            Texts.MayApprove,
            Texts.Permit("p"),
            Texts.Permit("r", action: "renew"),
            Texts.Permit("t", action: "retain"),
            Texts.Permit("b", action: "breakGlass")
        )
    );

    [Test]
    public void Should_end_in_a_decision_and_in_no_permit_if_they_do_not_add_up()
    {
        var (read, permitted, unsound) = (0, 0, 0);
        Gen.Select(AnyFacts.Of(shortened: true), Edit.Array[1, 2], Gen.Enum<DecisionPurpose>())
            .Sample(
                (facts, edits, purpose) =>
                {
                    var document = JsonSerializer.SerializeToNode(facts, WireJson.Options)!;
                    foreach (var edit in edits)
                    {
                        Mutate(document, edit);
                    }

                    if (Read(document) is not { } mutated)
                    {
                        return true;
                    }

                    var decision = Decide(purpose, mutated);
                    var sound = IsSound(mutated);
                    Interlocked.Increment(ref read);
                    Interlocked.Add(ref permitted, decision.Outcome == Outcome.Permit ? 1 : 0);
                    Interlocked.Add(ref unsound, sound ? 0 : 1);
                    return sound || decision.Outcome == Outcome.Forbid;
                },
                iter: 6000,
                print: one => $"{one.Item3} {JsonSerializer.Serialize(one.Item2)}\n{JsonSerializer.Serialize(one.Item1, WireJson.Options)}"
            );
        TestContext.Out.WriteLine($"{read} could be read, {unsound} of them did not add up, {permitted} were permitted");
        Assert.That((read > 1000, permitted > 100, unsound > 100), Is.EqualTo((true, true, true)), "else this tested little");
    }

    public static IEnumerable<TestCaseData> Absurd()
    {
        static TestCaseData Case(string name, AccessFacts facts, bool possible = true) =>
            new TestCaseData(facts, possible).SetArgDisplayNames(name);
        var facts = Facts.Of();
        var conflicting = Facts.Of("orders-db/writer").ActorHolds("ledger-db/approver");
        var ever = Facts.Exemption(until: TimeSpan.Zero) with { From = DateTimeOffset.MinValue, Until = DateTimeOffset.MaxValue };
        yield return Case("the longest duration", facts.For(TimeSpan.MaxValue) with { SystemMaxDuration = TimeSpan.MaxValue });
        yield return Case(
            "the longest maximum",
            facts with
            {
                Entitlements = [.. facts.Entitlements.Select(e => e with { MaxDuration = TimeSpan.MaxValue })],
            }
        );
        yield return Case("the shortest duration", facts.For(TimeSpan.FromTicks(1)));
        yield return Case("the least duration", facts.For(TimeSpan.MinValue), possible: false);
        yield return Case(
            "a start at the end of time",
            facts with
            {
                Request = facts.Request with { NotBefore = DateTimeOffset.MaxValue },
            }
        );
        yield return Case("a start at its beginning", facts with { Request = facts.Request with { NotBefore = DateTimeOffset.MinValue } });
        yield return Case("an exemption for ever", conflicting.Conflict(ever));
        yield return Case("a right for ever", facts.OnBehalfOf("omar", DateTimeOffset.MaxValue - Facts.Now));
        yield return Case("a right that never was", facts.OnBehalfOf("omar", DateTimeOffset.MinValue - Facts.Now), possible: false);
        yield return Case(
            "a window for ever",
            facts.Ticket().Window(DateTimeOffset.MinValue - Facts.Now, DateTimeOffset.MaxValue - Facts.Now)
        );
        yield return Case("no list of groups", facts.With(Facts.Human("kim") with { Groups = null! }), possible: false);
        yield return Case("no group", facts.With(Facts.Human("kim", null!)), possible: false);
        yield return Case("no id", facts.With(Facts.Human(null!)), possible: false);
        yield return Case("nobody", facts with { Principals = [.. facts.Principals, null!] }, possible: false);
        yield return Case("no request", facts with { Request = null! }, possible: false);
    }

    [TestCaseSource(nameof(Absurd))]
    public void Should_decide_on_what_is_absurd_and_refuse_what_is_impossible(AccessFacts facts, bool possible)
    {
        foreach (var purpose in Enum.GetValues<DecisionPurpose>().Except([DecisionPurpose.Review]))
        {
            var decision = Decide(purpose, facts);
            Assert.That(
                decision.Outcome,
                Is.EqualTo(possible ? Outcome.Permit : Outcome.Forbid),
                $"{purpose}: {decision.Reasons[0]} {string.Join(", ", decision.Errors)}"
            );
            Assert.That(decision.Duration, Is.LessThanOrEqualTo(TimeSpan.FromDays(30)).Or.EqualTo(facts.Request?.Duration));
        }
    }

    private static Decision Decide(DecisionPurpose purpose, AccessFacts facts)
    {
        var decision = new DecisionEngine(TheEngine.Shared).Decide(purpose, Facts.Now, Open.Value, facts);
        // It is recorded and sent as this.
        _ = CanonicalJson.Serialize(decision, WireJson.Options);
        return decision;
    }

    private static AccessFacts? Read(JsonNode document)
    {
        try
        {
            return document.Deserialize<AccessFacts>(WireJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Mutate(JsonNode document, (int Where, int How, string Value) edit)
    {
        var places = Places(document).ToList();
        var (parent, key) = places[edit.Where % places.Count];
        // Half of them of the same kind, so that much can still be read.
        var (here, other) = (At((parent, key)), At(places[edit.Where / 7 % places.Count]));
        var value = edit.How > 2 && here?.GetValueKind() == other?.GetValueKind() ? other?.DeepClone() : JsonNode.Parse(edit.Value);
        switch (parent)
        {
            case JsonObject members:
                members.Remove((string)key);
                if (edit.How > 1)
                {
                    members[(string)key] = value;
                }

                break;
            case JsonArray items when edit.How == 1:
                items.RemoveAt((int)key);
                break;
            case JsonArray items when edit.How == 2:
                items.Add(items[(int)key]?.DeepClone());
                break;
            case JsonArray items:
                items[(int)key] = value;
                break;
        }
    }

    private static JsonNode? At((JsonNode Parent, object Key) place) =>
        place.Parent is JsonObject members ? members[(string)place.Key] : place.Parent[(int)place.Key];

    private static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode? node) =>
        node switch
        {
            JsonObject members => members.ToList().SelectMany(member => Places(member.Value).Prepend((members, member.Key))),
            JsonArray items => Enumerable.Range(0, items.Count).SelectMany(i => Places(items[i]).Prepend((items, i))),
            _ => [],
        };

    /// <summary>The rules once more, apart from the engine's own check of them.</summary>
    private static bool IsSound(AccessFacts facts)
    {
        bool Distinct(IEnumerable<string?>? ids) =>
            ids?.ToList() is { } all && all.Distinct(StringComparer.Ordinal).Count() == all.Count && !all.Contains(null);
        if (
            !Distinct(facts.Principals.Select(one => one?.Id))
            || !Distinct(facts.Entitlements.Select(one => one?.Id))
            || !Distinct(facts.Targets.Select(one => one?.Id))
        )
        {
            return false;
        }

        var people = facts.Principals.Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        var rights = facts.Entitlements.Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        return people.Contains(facts.Principal)
            && people.Contains(facts.Request.Requester)
            && rights.Contains(facts.Entitlement)
            && facts.Entitlements.All(one => facts.Targets.Any(target => string.Equals(target.Id, one.Target, StringComparison.Ordinal)))
            && facts.Held.Concat(facts.Actor?.Held ?? []).All(held => held is not null)
            && facts.Approvals.All(one => one?.Approver is not null)
            && (facts.Delegation ?? []).All(one =>
                one is not null && people.Contains(one.Principal) && one.Held.All(held => held is not null)
            )
            && (facts.Conflicts ?? []).All(one => one?.Exemptions is not { } exemptions || !exemptions.Contains(null!))
            && Distinct(facts.Conflicts?.Select(one => one?.Id) ?? [])
            && facts.Delegation is not { Count: 0 }
            && facts.Principals.All(one => one.Groups.All(group => group is not null))
            && facts.Request.Duration > TimeSpan.Zero
            && facts.SystemMaxDuration > TimeSpan.Zero;
    }
}
