namespace Governance.Cedar.Tests;

public sealed class When_an_instance_fails
{
    private static readonly CedarRequest Request = new(new("U", "u"), new("Action", "a"), new("R", "r"), "{}", "[]");
    private static readonly CedarPolicySet All = CedarPolicySet.FromText("permit(principal, action, resource);", schema: null);

    [Test]
    public void Should_throw_it_away_and_go_on_with_a_new_one()
    {
        using var engine = CedarEngine.Create(new CedarEngineOptions { MaximumInstanceMemory = 16 * 1024 * 1024, RetainedInstances = 1 });
        Assert.That(engine.Authorize(All, Request).Decision, Is.EqualTo(CedarDecision.Allow));
        var before = engine.InstancesCreated;

        var huge = Request with { ContextJson = $$"""{"t":"{{new string('x', 24 * 1024 * 1024)}}"}""" };
        Assert.That(() => engine.Authorize(All, huge), Throws.TypeOf<CedarEngineException>());

        Assert.That(engine.Authorize(All, Request).Decision, Is.EqualTo(CedarDecision.Allow));
        Assert.That(engine.InstancesCreated, Is.EqualTo(before + 1));
    }

    [Test]
    public void Should_survive_a_policy_nested_too_deep()
    {
        using var engine = CedarEngine.Create(new CedarEngineOptions { RetainedInstances = 1 });
        var deep = CedarPolicySet.FromText(
            $"permit(principal, action, resource) when {{ {new string('(', 20_000)}true{new string(')', 20_000)} }};",
            schema: null
        );
        try
        {
            Assert.That(engine.Authorize(deep, Request).Errors, Is.Not.Empty);
        }
        catch (CedarEngineException)
        {
            // Either is fail closed; what matters is that the process lives and the next answer is right.
        }

        Assert.That(engine.Authorize(All, Request).Decision, Is.EqualTo(CedarDecision.Allow));
    }

    [TestCase(400)]
    [TestCase(100_000)]
    public void Should_survive_a_context_nested_too_deep(int depth)
    {
        using var engine = CedarEngine.Create(new CedarEngineOptions { RetainedInstances = 1 });
        var deep = Request with { ContextJson = $$"""{"t":{{new string('[', depth)}}{{new string(']', depth)}}}""" };
        try
        {
            Assert.That(engine.Authorize(All, deep).Errors, Is.Not.Empty);
        }
        catch (Exception failure) when (failure is CedarEngineException or System.Text.Json.JsonException or InvalidOperationException)
        {
            // Any of these is fail closed too.
        }

        Assert.That(engine.Authorize(All, Request).Decision, Is.EqualTo(CedarDecision.Allow));
    }

    [Test]
    public void Should_replace_an_instance_whose_memory_grew()
    {
        using var engine = CedarEngine.Create(new CedarEngineOptions { RetiringInstanceMemory = 8 * 1024 * 1024, RetainedInstances = 1 });
        engine.Authorize(All, Request);
        var before = engine.InstancesCreated;

        engine.Authorize(All, Request with { ContextJson = $$"""{"t":"{{new string('x', 8 * 1024 * 1024)}}"}""" });
        engine.Authorize(All, Request);

        Assert.That(engine.InstancesCreated, Is.EqualTo(before + 1));
    }
}
