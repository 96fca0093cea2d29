namespace Governance.Cedar.Tests;

public sealed class When_a_request_is_evaluated
{
    private static readonly CedarUid Alice = new("User", "alice");
    private static readonly CedarUid View = new("Action", "view");
    private static readonly CedarUid Photo = new("Photo", "p1");

    [Test]
    public void Should_allow_with_the_permits_that_held()
    {
        var answer = Ask(
            ("a", "permit(principal, action, resource);"),
            ("b", """permit(principal == User::"alice", action, resource);"""),
            ("c", """permit(principal == User::"bob", action, resource);""")
        );
        Assert.That(answer.Decision, Is.EqualTo(CedarDecision.Allow));
        Assert.That(answer.DeterminingPolicies, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(answer.Errors, Is.Empty);
    }

    [Test]
    public void Should_let_a_forbid_override_every_permit()
    {
        var answer = Ask(("allow", "permit(principal, action, resource);"), ("deny", "forbid(principal, action, resource);"));
        Assert.That(answer.Decision, Is.EqualTo(CedarDecision.Deny));
        Assert.That(answer.DeterminingPolicies, Is.EqualTo(new[] { "deny" }));
    }

    [Test]
    public void Should_deny_by_default_and_name_no_policy()
    {
        var answer = Ask(("other", """permit(principal == User::"bob", action, resource);"""));
        Assert.That(answer.Decision, Is.EqualTo(CedarDecision.Deny));
        Assert.That(answer.DeterminingPolicies, Is.Empty);
        Assert.That(answer.Errors, Is.Empty);
    }

    [Test]
    public void Should_report_a_policy_that_errors_although_the_engine_skips_it()
    {
        var answer = Ask(
            ("allow", "permit(principal, action, resource);"),
            ("broken", "forbid(principal, action, resource) when { context.missing };")
        );
        Assert.That(answer.Decision, Is.EqualTo(CedarDecision.Allow), "the engine itself goes on without the forbid");
        Assert.That(answer.Errors.Select(error => error.PolicyId), Is.EqualTo(new[] { "broken" }));
        Assert.That(answer.Errors[0].Message, Does.Contain("missing"));
    }

    [Test]
    public void Should_follow_parents_and_entity_references()
    {
        const string Entities = """
            [{"uid":{"type":"User","id":"alice"},"attrs":{"boss":{"__entity":{"type":"User","id":"bob"}}},"parents":[{"type":"Group","id":"staff"}]},
             {"uid":{"type":"User","id":"bob"},"attrs":{"level":3},"parents":[]},
             {"uid":{"type":"Group","id":"staff"},"attrs":{},"parents":[]}]
            """;
        var policies = PolicySets.Of(
            ("p", """permit(principal in Group::"staff", action, resource) when { principal.boss.level == 3 };""")
        );
        var answer = TheEngine.Shared.Authorize(policies, new CedarRequest(Alice, View, Photo, "{}", Entities));
        Assert.That(answer.Decision, Is.EqualTo(CedarDecision.Allow));
    }

    [TestCase("9007199254740993", "9007199254740993", CedarDecision.Allow)]
    [TestCase("9007199254740993", "9007199254740992", CedarDecision.Deny)]
    [TestCase("9223372036854775807", "9223372036854775807", CedarDecision.Allow)]
    [TestCase("9223372036854775806", "9223372036854775807", CedarDecision.Deny)]
    [TestCase("-9223372036854775808", "-9223372036854775808", CedarDecision.Allow)]
    public void Should_keep_every_digit_of_a_64_bit_integer(string given, string expected, CedarDecision decision)
    {
        var policies = PolicySets.Of(("exact", $"permit(principal, action, resource) when {{ context.n == {expected} }};"));
        var answer = TheEngine.Shared.Authorize(policies, new CedarRequest(Alice, View, Photo, $$"""{"n":{{given}}}""", "[]"));
        Assert.That(answer.Errors, Is.Empty);
        Assert.That(answer.Decision, Is.EqualTo(decision));
    }

    [Test]
    public void Should_keep_text_of_every_script()
    {
        var policies = PolicySets.Of(
            ("text", """permit(principal == User::"žluťoučký 🐎", action, resource) when { context.t == "数\u{0}" };""")
        );
        var answer = TheEngine.Shared.Authorize(
            policies,
            new CedarRequest(new CedarUid("User", "žluťoučký 🐎"), View, Photo, """{"t":"数\u0000"}""", "[]")
        );
        Assert.That(answer.Decision, Is.EqualTo(CedarDecision.Allow));
    }

    [TestCase("{\"n\":9223372036854775808}")]
    [TestCase("{\"n\":1.5}")]
    [TestCase("{\"n\":null}")]
    [TestCase("{\"n\":{\"__extn\":{\"fn\":\"datetime\",\"arg\":\"yesterday\"}}}")]
    [TestCase("[]")]
    [TestCase("{\"n\":1,\"n\":2}")]
    [TestCase("{\"n\":\"\\ud800\"}")]
    public void Should_deny_what_it_cannot_read(string context)
    {
        var answer = TheEngine.Shared.Authorize(
            PolicySets.Of(("all", "permit(principal, action, resource);")),
            new CedarRequest(Alice, View, Photo, context, "[]")
        );
        Assert.That(answer.Decision, Is.EqualTo(CedarDecision.Deny));
        Assert.That(answer.Errors, Is.Not.Empty);
        Assert.That(answer.Errors[0].PolicyId, Is.Null);
    }

    [Test]
    public void Should_not_let_a_context_reach_beyond_its_place()
    {
        var request = new CedarRequest(Alice, View, Photo, """{},"principal":{"type":"User","id":"root"},"x":{}""", "[]");
        Assert.That(
            () => TheEngine.Shared.Authorize(PolicySets.Of(("all", "permit(principal, action, resource);")), request),
            Throws.InstanceOf<System.Text.Json.JsonException>()
        );
    }

    [Test]
    public void Should_check_the_request_against_the_schema()
    {
        const string Schema =
            "entity User; entity Photo; action view appliesTo { principal: [User], resource: [Photo], context: { n: Long } };";
        var policies = PolicySets.Under(Schema, ("all", "permit(principal, action, resource);"));

        CedarAnswer With(string context, string action = "view") =>
            TheEngine.Shared.Authorize(policies, new CedarRequest(Alice, new CedarUid("Action", action), Photo, context, "[]"));

        Assert.That(With("""{"n":1}""").Decision, Is.EqualTo(CedarDecision.Allow));
        Assert.That(With("""{"n":"1"}""").Errors, Is.Not.Empty);
        Assert.That(With("""{"n":1,"m":1}""").Errors, Is.Not.Empty);
        Assert.That(With("""{"n":1}""", "destroy").Errors, Is.Not.Empty);
    }

    [Test]
    public void Should_deny_with_the_reason_when_the_policies_do_not_parse()
    {
        var answer = Ask(("bad", "permit(principal, action, resource"));
        Assert.That(answer.Decision, Is.EqualTo(CedarDecision.Deny));
        Assert.That(answer.Errors, Is.Not.Empty);
    }

    private static CedarAnswer Ask(params (string Id, string Text)[] policies) =>
        TheEngine.Shared.Authorize(PolicySets.Of(policies), new CedarRequest(Alice, View, Photo, "{}", "[]"));
}
