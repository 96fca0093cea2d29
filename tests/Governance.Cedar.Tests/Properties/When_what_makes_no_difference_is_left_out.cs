using CsCheck;
using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>A question is put with the entities that it can reach, to the policies that its action can concern. That must never show.</summary>
public sealed class When_what_makes_no_difference_is_left_out
{
    private const int Bundles = 100;

    [Test]
    public void Should_answer_as_with_all_of_them()
    {
        var (left, all) = (0, 0);
        Gen.Select(AnyPolicies.Few(monotone: false), AnyFacts.Of(shortened: true).Array[5])
            .Sample(
                (policies, many) =>
                {
                    var bundle = AnyPolicies.Bundle(policies);
                    var everything = Everything(bundle);
                    return Array.TrueForAll(
                        many,
                        facts =>
                        {
                            var known = new KnownFacts(facts, Facts.Now);
                            var whole = EntityDocument.Write(known, EntityReach.All(known));
                            return AnyQuestions
                                .About(known)
                                .All(question =>
                                {
                                    var reached = EntityDocument.Write(
                                        known,
                                        EntityReach.Of(known, question.Principal, question.Resource, bundle.Named)
                                    );
                                    Interlocked.Add(ref left, reached.Length);
                                    Interlocked.Add(ref all, whole.Length);
                                    var answer = TheEngine.Shared.AuthorizeWhole(everything, question with { EntitiesJson = whole });
                                    return string.Equals(
                                        Describe(
                                            TheEngine.Shared.Authorize(
                                                bundle.For(question.Action.Id, gates: true),
                                                question with
                                                {
                                                    EntitiesJson = reached,
                                                }
                                            )
                                        ),
                                        Describe(answer),
                                        StringComparison.Ordinal
                                    );
                                });
                        }
                    );
                },
                iter: Bundles
            );
        Assert.That(left, Is.LessThan(all * 3 / 4), "else nothing was left out");
    }

    [Test]
    public void Should_keep_what_a_policy_names()
    {
        var bundle = Texts.Bundle(
            Texts.MayRequest,
            Texts.Permit(
                "p",
                "context.held.contains(Governance::Entitlement::\"orders-db/writer\") && Governance::Entitlement::\"orders-db/writer\".owner.active"
            )
        );
        Assert.That(bundle.Decide(Facts.Of() with { Held = ["orders-db/writer"] }).Outcome, Is.EqualTo(Contracts.Decisions.Outcome.Permit));
    }

    [Test]
    public void Should_leave_nothing_out_under_a_schema_with_groups_of_its_own()
    {
        var schema = GovernanceSchema.Text.Replace(
            "action \"request\" appliesTo",
            "action \"request\" in [Action::\"hold\"] appliesTo",
            StringComparison.Ordinal
        );
        var forbid =
            """@id("no-holding") @reason("Nothing is held here.") forbid (principal, action in Governance::Action::"hold", resource);""";
        PolicyFile[] files = [new("policies.cedar", Texts.MayRequest + forbid)];

        var regrouped = PolicyBundle.FromFiles(TheEngine.Shared, files, schema).Bundle!;
        var own = PolicyBundle.FromFiles(TheEngine.Shared, files).Bundle!;

        Assert.Multiple(() =>
        {
            Assert.That(AtTheRequest(regrouped), Does.Contain("no-holding"), "a request is a holding there");
            Assert.That(AtTheRequest(own), Does.Not.Contain("no-holding"));
        });

        static IReadOnlyList<string> AtTheRequest(PolicyBundle bundle) =>
            bundle.Decide(Facts.Of()).Steps.Single(step => step.Purpose == "request").Determining;
    }

    private static CedarPolicySet Everything(PolicyBundle bundle) =>
        CedarPolicySet.FromPolicies(bundle.Policies.ToDictionary(p => p.Key, p => p.Value.Text, StringComparer.Ordinal), bundle.Schema);

    private static string Describe(CedarAnswer answer) =>
        $"{answer.Decision} {string.Join(' ', answer.DeterminingPolicies)} {string.Join(' ', answer.Errors.Select(error => $"{error.PolicyId}: {error.Message}"))}";
}
