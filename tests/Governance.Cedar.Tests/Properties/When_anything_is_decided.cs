using System.Text.Json;
using CsCheck;
using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>What holds of every decision, whatever the policies and the facts. A failure names the seed that repeats it: CsCheck_Seed=….</summary>
public sealed class When_anything_is_decided
{
    private const int Bundles = 100;
    private const int QuestionsOfEach = 20;

    private static readonly Gen<DecisionPurpose> Purpose = Gen.Frequency(
        (4, DecisionPurpose.Issue),
        (1, DecisionPurpose.Renew),
        (1, DecisionPurpose.Retain)
    );

    [Test]
    public void Should_never_turn_a_no_into_anything_else_by_one_forbid_or_gate_more() =>
        CheckAddition(
            // What shortens makes another question: it is asked about below, where only upper bounds of durations are in play.
            AnyPolicies.Few(monotone: false),
            AnyFacts.Of(shortened: false),
            AnyPolicies.One(one => one.Policy is { Effect: PolicyEffect.Forbid, MaxDuration: null }),
            (before, after) => before.Outcome != Outcome.Forbid || after.Outcome == Outcome.Forbid
        );

    [Test]
    public void Should_never_turn_a_no_into_anything_else_by_one_that_shortens() =>
        CheckAddition(
            AnyPolicies.Few(monotone: true),
            AnyFacts.Of(shortened: true),
            AnyPolicies.One(one => one is { Monotone: true, Policy.Effect: PolicyEffect.Forbid }),
            (before, after) => before.Outcome != Outcome.Forbid || after.Outcome == Outcome.Forbid
        );

    [Test]
    public void Should_never_be_harder_by_one_approval_more() =>
        Check(
            AnyPolicies.Few(monotone: false),
            AnyFacts.Of(shortened: true),
            AnyFacts.Approval(shortens: false),
            (bundle, purpose, facts, approval) =>
                Decide(bundle, purpose, facts with { Approvals = [.. facts.Approvals, approval] }).Outcome
                <= Decide(bundle, purpose, facts).Outcome
        );

    /// <summary>Of policies that bound a duration from above only, and oblige to nothing because of it.</summary>
    [Test]
    public void Should_never_be_harder_when_less_is_asked_for() =>
        Check(
            AnyPolicies.Few(monotone: true),
            AnyFacts.Of(shortened: true),
            Gen.Int[1, 99],
            (bundle, purpose, facts, percent) =>
            {
                var shorter = TimeSpan.FromTicks(Math.Max(1, facts.Request.Duration.Ticks * percent / 100));
                return Decide(bundle, purpose, facts.For(shorter)).Outcome <= Decide(bundle, purpose, facts).Outcome;
            }
        );

    [Test]
    public void Should_say_no_when_any_policy_that_was_asked_has_an_error()
    {
        var overruled = 0;
        CheckAddition(
            AnyPolicies.Few(monotone: false),
            AnyFacts.Of(shortened: true),
            AnyPolicies.One(one => one.Broken),
            (_, after) =>
            {
                var failed = after.Steps.Where(step => step.Purpose != "approve" && step.Errors.Count > 0).ToList();
                Interlocked.Add(ref overruled, failed.Exists(step => step.Answer == PolicyEffect.Permit) ? 1 : 0);
                return failed.Count == 0 || after is { Outcome: Outcome.Forbid, Errors.Count: > 0 };
            }
        );
        Assert.That(overruled, Is.GreaterThan(Bundles * QuestionsOfEach / 100), "the engine itself would have permitted some of them");
    }

    [Test]
    public void Should_give_no_authority_to_an_approver_about_whom_a_policy_errs()
    {
        var doubted = 0;
        CheckAddition(
            AnyPolicies.Few(monotone: false),
            AnyFacts.Of(shortened: true),
            AnyPolicies.One(one => one is { Broken: true, Action: "approve" }),
            (_, after) =>
            {
                var uncounted = after
                    .Steps.Where(step => step.Purpose == "approve" && step.Errors.Count > 0)
                    .Select(step => step.Principal)
                    .ToHashSet(StringComparer.Ordinal);
                Interlocked.Add(ref doubted, uncounted.Count);
                return after
                    .Gates.SelectMany(gate => gate.Slots)
                    .All(slot => !uncounted.Contains($"Governance::Human::\"{slot.Approver}\""));
            }
        );
        Assert.That(doubted, Is.GreaterThan(Bundles / 20));
    }

    [Test]
    public void Should_come_out_byte_for_byte_the_same_from_another_engine()
    {
        using var other = CedarEngine.Create();
        Check(
            AnyPolicies.Few(monotone: false),
            AnyFacts.Of(shortened: true),
            Gen.Const(0),
            (bundle, purpose, facts, _) =>
            {
                var read = JsonSerializer.Deserialize<AccessFacts>(CanonicalJson.Serialize(facts, WireJson.Options), WireJson.Options)!;
                return string.Equals(
                    Text(Decide(bundle, purpose, facts)),
                    Text(new DecisionEngine(other).Decide(purpose, Facts.Now, bundle, read)),
                    StringComparison.Ordinal
                );
            }
        );
    }

    [Test]
    public void Should_be_the_same_bundle_from_what_was_stored() =>
        AnyPolicies
            .Few(monotone: false)
            .Sample(
                policies =>
                {
                    var bundle = AnyPolicies.Bundle(policies);
                    var stored = PolicyBundle.FromCanonicalJson(TheEngine.Shared, bundle.CanonicalJson).Bundle;
                    return stored is not null
                        && string.Equals(stored.Digest, bundle.Digest, StringComparison.Ordinal)
                        && string.Equals(
                            AnyPolicies.Bundle(policies.Reverse()).CanonicalJson,
                            stored.CanonicalJson,
                            StringComparison.Ordinal
                        );
                },
                iter: 30
            );

    [Test]
    public void Should_never_give_more_than_was_asked_for()
    {
        var tally = new Tally();
        Check(
            AnyPolicies.Few(monotone: false),
            AnyFacts.Of(shortened: true),
            Gen.Const(0),
            (bundle, purpose, facts, _) =>
            {
                var decision = Decide(bundle, purpose, facts);
                tally.Add(decision);
                return decision.Duration <= facts.Request.Duration
                    && decision.Cuts.All(cut => cut.To < cut.From)
                    && (decision.Outcome == Outcome.Forbid || decision.Duration > TimeSpan.Zero);
            }
        );
        TestContext.Out.WriteLine(tally.ToString());
        Assert.That(tally.Least, Is.GreaterThan(Bundles * QuestionsOfEach / 100), "else some outcome was hardly tried");
    }

    /// <summary>Compares the decisions without and with one policy more.</summary>
    private static void CheckAddition(
        Gen<AnyPolicy[]> policies,
        Gen<AccessFacts> facts,
        Gen<AnyPolicy> more,
        Func<Decision, Decision, bool> holds
    ) =>
        Sample(
            Gen.Select(policies, more),
            Gen.Select(Purpose, facts),
            one =>
            {
                var (before, after) = (AnyPolicies.Bundle(one.Item1), AnyPolicies.Bundle([.. one.Item1, one.Item2]));
                return question => holds(Decide(before, question.Item1, question.Item2), Decide(after, question.Item1, question.Item2));
            },
            one => $"{Describe(one.Item1)}\nand then\n{one.Item2.Policy.Text}",
            question => Describe(question.Item1, question.Item2)
        );

    private static void Check<T>(
        Gen<AnyPolicy[]> policies,
        Gen<AccessFacts> facts,
        Gen<T> more,
        Func<PolicyBundle, DecisionPurpose, AccessFacts, T, bool> holds
    ) =>
        Sample(
            policies,
            Gen.Select(Purpose, facts, more),
            one =>
            {
                var bundle = AnyPolicies.Bundle(one);
                return question => holds(bundle, question.Item1, question.Item2, question.Item3);
            },
            Describe,
            question => $"{Describe(question.Item1, question.Item2)}\n{question.Item3}"
        );

    // Several questions of each bundle, since making a bundle costs the most.
    private static void Sample<TBundle, TQuestion>(
        Gen<TBundle> bundles,
        Gen<TQuestion> questions,
        Func<TBundle, Func<TQuestion, bool>> holds,
        Func<TBundle, string> describeBundle,
        Func<TQuestion, string> describe
    ) =>
        Gen.Select(bundles, questions.Array[QuestionsOfEach])
            .Sample(
                one => Array.TrueForAll(one.Item2, new Predicate<TQuestion>(holds(one.Item1))),
                iter: Bundles,
                print: one => $"{describeBundle(one.Item1)}\n{describe(Array.Find(one.Item2, question => !holds(one.Item1)(question))!)}"
            );

    private static Decision Decide(PolicyBundle bundle, DecisionPurpose purpose, AccessFacts facts) =>
        new DecisionEngine(TheEngine.Shared).Decide(purpose, Facts.Now, bundle, facts);

    private static string Text(Decision decision) => CanonicalJson.Serialize(decision, WireJson.Options);

    private static string Describe(AnyPolicy[] policies) => string.Join("\n", policies.Select(policy => policy.Policy.Text));

    private static string Describe(DecisionPurpose purpose, AccessFacts facts) =>
        $"{purpose}\n{CanonicalJson.Serialize(facts, WireJson.Options)}";
}
