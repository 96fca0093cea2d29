namespace Governance.Cedar.Tests;

/// <summary>One construct at a time: what can be asked with less, what is asked with everything, and that both answer the same.</summary>
public sealed class When_policies_are_asked_with_what_they_look_at
{
    private const string Entities = """
        [
          {"uid":{"type":"User","id":"u1"},"parents":[{"type":"Group","id":"g0"}],"attrs":{"active":true,"name":"ab",
            "boss":{"__entity":{"type":"User","id":"u2"}},"team":{"__entity":{"type":"Team","id":"red"}},
            "limits":{"max":3,"of":{"deep":true}},"friends":[{"__entity":{"type":"User","id":"u2"}}],"roles":[{"name":"a","level":1}],
            "since":{"__extn":{"fn":"datetime","arg":"2026-01-01T00:00:00.000Z"}},"quota":{"__extn":{"fn":"duration","arg":"3600000ms"}},
            "score":{"__extn":{"fn":"decimal","arg":"1.5"}}},"tags":{"x":["a"]}},
          {"uid":{"type":"User","id":"u2"},"parents":[],"attrs":{"active":false,"name":"b",
            "limits":{"max":1},"friends":[],"roles":[],"boss":{"__entity":{"type":"User","id":"nobody"}},
            "since":{"__extn":{"fn":"datetime","arg":"2026-01-01T00:00:00.000Z"}},"quota":{"__extn":{"fn":"duration","arg":"0ms"}},
            "score":{"__extn":{"fn":"decimal","arg":"1.5"}}}},
          {"uid":{"type":"Group","id":"g0"},"parents":[{"type":"Group","id":"g1"}],"attrs":{"level":1}},
          {"uid":{"type":"Group","id":"g1"},"parents":[{"type":"Group","id":"g2"}],"attrs":{"level":2}},
          {"uid":{"type":"Doc","id":"d1"},"parents":[{"type":"Folder","id":"f0"}],"attrs":{"owner":{"__entity":{"type":"User","id":"u1"}},
            "title":"t","labels":["a"],"twin":{"__entity":{"type":"Doc","id":"d1"}}}},
          {"uid":{"type":"Folder","id":"f0"},"parents":[{"type":"Folder","id":"f1"}],"attrs":{}}
        ]
        """;

    private const string Context = """
        {"now":{"__extn":{"fn":"datetime","arg":"2026-11-23T12:00:00.000Z"}},"n":7,"words":["a","b"],"info":{"a":1,"b":{"c":"d"}},
         "who":{"__entity":{"type":"User","id":"u1"}}}
        """;

    private static readonly CedarRequest Request = new(new("User", "u1"), new("Action", "read"), new("Doc", "d1"), Context, Entities);

    private static readonly string[] WithLess =
    [
        "true",
        "principal.active",
        "principal has boss && principal.boss has boss && principal.boss.boss has name",
        "principal has home",
        "principal has limits.of.deep && principal.limits.of.deep",
        "principal.limits has note",
        "principal.limits == {max: 3, of: {deep: true}}",
        "principal.limits == resource.owner.limits",
        "[principal.limits, context.info].contains({a: 1, b: {c: \"d\"}})",
        "{kept: principal.limits}.kept == principal.limits",
        "resource.owner == principal && resource.owner.name like \"a*\"",
        "resource.twin.twin.owner.limits.max == 3",
        "principal in Group::\"g2\"",
        "resource.owner in Group::\"g2\" && !(resource.owner in Group::\"g3\")",
        "context.who in [Group::\"g9\", Group::\"g1\"]",
        "resource in Folder::\"f1\"",
        "principal in [User::\"u1\", Group::\"g9\"] && !(principal in [User::\"u2\"]) && !(principal in [])",
        "principal is Doc in Folder::\"f1\" || resource.owner is User in Group::\"g2\"",
        "resource.twin is Doc in Folder::\"f1\" && !(resource.owner is User in Group::\"g3\")",
        "principal in resource.owner && context.who in [principal, Group::\"g9\"]",
        "principal.boss in Group::\"g0\"",
        "User::\"u1\" in Group::\"g1\" && User::\"u1\".active",
        "Group::\"g0\" in Group::\"g2\"",
        "Group::\"g1\" in principal",
        "principal is User in Group::\"g1\"",
        "action in Action::\"any\" && action == Action::\"read\"",
        "Action::\"write\" in Action::\"any\"",
        "action has anything",
        "principal.friends.contains(User::\"u2\")",
        "principal.friends.containsAny([resource.owner, context.who])",
        "principal.roles.contains({level: 1, name: \"a\"})",
        "context.words.containsAll(resource.labels)",
        "context.words == [\"b\", \"a\"]",
        "principal.team == Team::\"red\"",
        "principal.name like \"a*b\" && !(principal.name like \"a\\*b\")",
        "principal.since.offset(principal.quota) < context.now",
        "context.now.toDate() > principal.since.toDate()",
        "principal.score.lessThan(decimal(\"1.6\"))",
        "if principal.active then context.n == 7 else context.level == 1",
        "context has info.b.c && context.info.b.c == \"d\"",
        "context has level || context.n * 2 - 1 == 13",
        "context.n == 9223372036854775807 || -context.n < 0",
    ];

    private static readonly string[] WithEverything =
    [
        "context == context",
        "{whole: context} == {whole: context}",
        "[context].contains(context)",
        "(if context.n == 7 then principal else resource.owner).active",
        "(if true then principal else resource.owner) in Group::\"g1\"",
        "(if true then context else context) has who",
        "{held: principal}.held.active",
        "{held: principal}.held has boss",
        "{held: principal}.held in Group::\"g1\"",
        "principal.hasTag(\"x\")",
        "principal.getTag(\"x\").contains(\"a\")",
        "principal.hasTag(principal.name)",
    ];

    // An error is told with everything at hand: its text says what else there would have been.
    private static readonly string[] Wrong =
    [
        "context.level == 1",
        "principal.home.level == 1",
        "principal.boss.boss.active",
        "User::\"gone\".active",
        "principal.limits.note == \"x\"",
        "9223372036854775807 + context.n > 0",
        "principal.name.boss == principal",
        "principal.name has boss",
        "principal.limits in Group::\"g0\"",
        "context.info in principal",
        "action.anything",
    ];

    [TestCaseSource(nameof(WithLess))]
    public void Should_leave_out_what_no_policy_looks_at(string condition) => Compare(condition, projected: true);

    [TestCaseSource(nameof(WithEverything))]
    public void Should_leave_out_nothing_where_it_can_not_be_sure(string condition) => Compare(condition, projected: false);

    [TestCaseSource(nameof(Wrong))]
    public void Should_tell_an_error_as_with_everything(string condition) => Compare(condition, projected: false);

    [Test]
    public void Should_know_no_templates()
    {
        var text = "permit(principal == ?principal, action, resource); permit(principal, action, resource);";
        var policies = CedarPolicySet.FromText(text, AnyWorld.Schema);
        Assert.That(TheEngine.Shared.AuthorizeProjected(policies, Request), Is.Null);
    }

    [TestCase("\"name\":\"ab\",", "", TestName = "An attribute is missing")]
    [TestCase("\"name\":\"ab\"", "\"name\":7", TestName = "An attribute is of another type")]
    [TestCase("\"name\":\"ab\"", "\"name\":null", TestName = "An attribute is null")]
    [TestCase("\"name\":\"ab\"", "\"name\":\"ab\",\"more\":1", TestName = "An attribute is unknown")]
    [TestCase("\"name\":\"ab\"", "\"name\":\"ab\",\"name\":\"ab\"", TestName = "An attribute is there twice")]
    [TestCase("\"name\":\"ab\"", "\"name\":\"\\ud800\"", TestName = "A text is half a character")]
    [TestCase("\"max\":3", "\"max\":3.0", TestName = "A number has a point")]
    [TestCase("\"max\":3", "\"max\":-0", TestName = "A number is minus zero")]
    [TestCase("\"max\":3", "\"max\":9223372036854775808", TestName = "A number is too large")]
    [TestCase("\"deep\":true", "\"deep\":true,\"deeper\":true", TestName = "A member of a member is unknown")]
    [TestCase("\"id\":\"red\"", "\"id\":\"green\"", TestName = "There is no such team")]
    [TestCase("2026-01-01T", "2026-02-30T", TestName = "There is no such day")]
    [TestCase("3600000ms", "an hour", TestName = "It is no duration")]
    [TestCase("\"arg\":\"1.5\"", "\"arg\":\"1.55555\"", TestName = "It is no decimal")]
    [TestCase("\"fn\":\"decimal\"", "\"fn\":\"datetime\"", TestName = "It is another function")]
    [TestCase("{\"type\":\"Group\",\"id\":\"g2\"}", "{\"type\":\"Group\",\"id\":\"g0\"}", TestName = "Two are above each other")]
    [TestCase("{\"type\":\"Folder\",\"id\":\"f0\"}]", "{\"type\":\"Group\",\"id\":\"g0\"}]", TestName = "Such a parent is not possible")]
    [TestCase("\"id\":\"u2\"},\"parents\"", "\"id\":\"u1\"},\"parents\"", TestName = "An entity is there twice")]
    [TestCase("\"tags\":{\"x\":[\"a\"]}", "\"tags\":{\"x\":[1]}", TestName = "A tag is of another type")]
    [TestCase("\"uid\":{\"type\":\"Folder\"", "\"uid\":{\"type\":\"Other\"", TestName = "A type is unknown")]
    [TestCase("\"n\":7", "\"n\":\"7\"", TestName = "A member of the context is of another type")]
    [TestCase("\"n\":7,", "", TestName = "A member of the context is missing")]
    [TestCase("\"n\":7", "\"n\":7,\"m\":7", TestName = "A member of the context is unknown")]
    public void Should_deny_what_does_not_conform_even_where_no_policy_looks(string right, string wrong)
    {
        var request = Request with
        {
            ContextJson = Context.Replace(right, wrong, StringComparison.Ordinal),
            EntitiesJson = Entities.Replace(right, wrong, StringComparison.Ordinal),
        };
        var answer = TheEngine.Shared.Authorize(Policies("true"), request);
        Assert.Multiple(() =>
        {
            Assert.That(TheEngine.Shared.Authorize(Policies("true"), Request).Decision, Is.EqualTo(CedarDecision.Allow));
            Assert.That(answer.Decision, Is.EqualTo(CedarDecision.Deny));
            Assert.That(answer.Errors, Is.Not.Empty);
        });
    }

    [TestCase("User", "u1", "any", "Doc", TestName = "Nobody does this")]
    [TestCase("User", "u1", "destroy", "Doc", TestName = "There is no such action")]
    [TestCase("Doc", "d1", "read", "Doc", TestName = "No such principal does this")]
    [TestCase("User", "u1", "read", "Folder", TestName = "It is not done to such a resource")]
    public void Should_deny_what_is_no_question(string principalType, string principal, string action, string resourceType)
    {
        var request = Request with
        {
            Principal = new CedarUid(principalType, principal),
            Action = new CedarUid("Action", action),
            Resource = new CedarUid(resourceType, "f0"),
        };
        var answer = TheEngine.Shared.Authorize(Policies("true"), request);
        Assert.That(answer.Decision, Is.EqualTo(CedarDecision.Deny));
        Assert.That(answer.Errors, Is.Not.Empty);
    }

    private static CedarPolicySet Policies(string condition) =>
        PolicySets.Under(
            AnyWorld.Schema,
            ("holds", $"permit(principal, action, resource) when {{ {condition} }};"),
            ("forbids", $"forbid(principal, action == Action::\"read\", resource in Folder::\"f0\") unless {{ {condition} }};"),
            ("above", "permit(principal is User in Group::\"g2\", action, resource is Doc in Folder::\"f1\");"),
            ("elsewhere", "permit(principal in Group::\"g3\", action, resource in Folder::\"f1\");"),
            ("itself", "permit(principal in User::\"u1\", action, resource in Folder::\"f9\");"),
            ("other", "forbid(principal, action == Action::\"write\", resource);")
        );

    private static void Compare(string condition, bool projected)
    {
        var policies = Policies(condition);
        var whole = TheEngine.Shared.AuthorizeWhole(policies, Request);
        var answer = TheEngine.Shared.AuthorizeProjected(policies, Request);
        Assert.That(answer is not null, Is.EqualTo(projected));
        answer ??= TheEngine.Shared.Authorize(policies, Request);
        Assert.Multiple(() =>
        {
            Assert.That(answer.Decision, Is.EqualTo(whole.Decision));
            Assert.That(answer.DeterminingPolicies, Is.EqualTo(whole.DeterminingPolicies));
            Assert.That(
                answer.Errors.Select(error => (error.PolicyId, error.Message)),
                Is.EqualTo(whole.Errors.Select(error => (error.PolicyId, error.Message)))
            );
        });
    }
}
