using CsCheck;
using Governance.Cedar.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>Policies are asked with what they look at and nothing else. The answer must be that of asking with everything, to the letter.</summary>
public sealed class When_the_engine_reads_no_more_than_is_asked_for
{
    private const int Worlds = 1500;
    private const int Requests = 6;
    private const int Bundles = 60;

    [Test]
    public void Should_answer_any_policies_as_with_everything()
    {
        var (projected, all) = (0, 0);
        Parallel.For(
            0,
            Worlds,
            seed =>
            {
                var world = new AnyWorld(seed);
                var policies = CedarPolicySet.FromPolicies(world.Policies(1 + seed % 6), AnyWorld.Schema);
                for (var i = 0; i < Requests; i++)
                {
                    var request = world.Request();
                    Interlocked.Increment(ref all);
                    if (TheEngine.Shared.AuthorizeProjected(policies, request) is { } answer)
                    {
                        Interlocked.Increment(ref projected);
                        Assert.That(Describe(answer), Is.EqualTo(Whole(policies, request)), () => $"world {seed}: {request}");
                    }
                }
            }
        );
        TestContext.Out.WriteLine($"{projected} of {all} projected");
        Assert.That(projected, Is.GreaterThan(all / 5), "else little was tried");
    }

    [Test]
    public void Should_answer_many_policies_with_resources_of_their_own_as_with_everything()
    {
        var projected = 0;
        Parallel.For(
            0,
            Worlds / 10,
            seed =>
            {
                var world = new AnyWorld(-1 - seed);
                var simple = Enumerable.Range(0, 40).Select(number => (Id: $"r{number}", Text: OfOneResource(number, seed)));
                var policies = CedarPolicySet.FromPolicies(
                    world
                        .Policies(seed % 3)
                        .Select(policy => (Id: policy.Key, Text: policy.Value))
                        .Concat(simple)
                        .ToDictionary(policy => policy.Id, policy => policy.Text, StringComparer.Ordinal),
                    AnyWorld.Schema
                );
                for (var i = 0; i < Requests; i++)
                {
                    var request = world.Request();
                    if (TheEngine.Shared.AuthorizeProjected(policies, request) is { } answer)
                    {
                        Interlocked.Increment(ref projected);
                        Assert.That(Describe(answer), Is.EqualTo(Whole(policies, request)), () => $"world {seed}: {request}");
                    }
                }
            }
        );
        Assert.That(projected, Is.GreaterThan(Worlds / 10), "else little was tried");
    }

    [Test]
    public void Should_answer_the_suites_own_questions_as_with_everything()
    {
        var (projected, all) = (0, 0);
        Gen.Select(AnyPolicies.Few(monotone: false), AnyFacts.Of(shortened: true).Array[5])
            .Sample(
                (policies, many) =>
                {
                    var bundle = AnyPolicies.Bundle(policies);
                    return Array.TrueForAll(
                        many,
                        facts =>
                        {
                            var known = new KnownFacts(facts, Facts.Now);
                            return AnyQuestions
                                .About(known)
                                .All(question =>
                                {
                                    var request = question with
                                    {
                                        EntitiesJson = EntityDocument.Write(
                                            known,
                                            EntityReach.Of(known, question.Principal, question.Resource, bundle.Named)
                                        ),
                                    };
                                    var set = bundle.For(request.Action.Id, gates: true);
                                    var answer = TheEngine.Shared.AuthorizeProjected(set, request);
                                    Interlocked.Increment(ref all);
                                    Interlocked.Add(ref projected, answer is null ? 0 : 1);
                                    return answer is null || string.Equals(Describe(answer), Whole(set, request), StringComparison.Ordinal);
                                });
                        }
                    );
                },
                iter: Bundles
            );
        TestContext.Out.WriteLine($"{projected} of {all} projected");
        Assert.That(projected, Is.GreaterThan(all / 2), "else little was tried");
    }

    private static string OfOneResource(int number, int seed) =>
        $"{(number % 7 == seed % 7 ? "forbid" : "permit")}(principal, action in Action::\"any\", resource == Doc::\"d{number % 6}\")"
        + $" when {{ {(number % 3 == 0 ? "principal.active" : "context has who && context.who in Group::\"g1\"")} }};";

    private static string Whole(CedarPolicySet policies, CedarRequest request) =>
        Describe(TheEngine.Shared.AuthorizeWhole(policies, request));

    private static string Describe(CedarAnswer answer) =>
        $"{answer.Decision} {string.Join(' ', answer.DeterminingPolicies)} "
        + string.Join(
            ' ',
            answer.Errors.Select(error =>
                $"{error.PolicyId}: {error.Message} {error.Help} {string.Join(',', error.Locations.Select(span => $"{span.Start}-{span.End}"))}"
            )
        );
}
