namespace Governance.Cedar.Tests;

public sealed class When_many_threads_use_the_engine
{
    [Test]
    public void Should_answer_each_its_own_question()
    {
        var sets = Enumerable
            .Range(0, 5)
            .Select(n => PolicySets.Of(($"only-{n}", $"permit(principal, action, resource) when {{ context.n == {n} }};")))
            .ToArray();

        Parallel.For(
            0,
            5_000,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            i =>
            {
                var asked = i % 5;
                var given = (i / 5) % 5;
                var request = new CedarRequest(new("U", $"u{i}"), new("Action", "a"), new("R", "r"), $$"""{"n":{{given}}}""", "[]");
                var answer = TheEngine.Shared.Authorize(sets[asked], request);
                var expected = asked == given ? new[] { $"only-{asked}" } : [];
                if (!answer.DeterminingPolicies.SequenceEqual(expected, StringComparer.Ordinal) || answer.Errors.Count > 0)
                {
                    throw new InvalidOperationException($"Question {i} got the answer of another.");
                }
            }
        );
    }

    [Test]
    public void Should_not_keep_more_policy_sets_than_are_worth_it()
    {
        using var engine = CedarEngine.Create(new CedarEngineOptions { RetainedInstances = 1 });
        var request = new CedarRequest(new("U", "u"), new("Action", "a"), new("R", "r"), "{}", "[]");
        for (var n = 0; n < 100; n++)
        {
            var policies = PolicySets.Of(($"p{n}", "permit(principal, action, resource);"));
            Assert.That(engine.Authorize(policies, request).DeterminingPolicies, Is.EqualTo(new[] { $"p{n}" }));
        }

        Assert.That(engine.InstancesCreated, Is.InRange(2, 5));
    }
}
