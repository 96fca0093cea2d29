using System.Text.Json;
using Governance.Cedar.Bundles;

namespace Governance.Cedar.Tests;

public sealed class When_a_bundle_is_too_much
{
    private const string Place = "test.cedar:2:";

    public static IEnumerable<TestCaseData<Func<int, string>>> Deep()
    {
        yield return Case("brackets", n => Times(n, "(") + "true" + Times(n, ")"));
        yield return Case("sets", n => Times(n, "[") + "1" + Times(n, "]") + " == [1]");
        yield return Case("records", n => Times(n, "{\"a\": ") + "1" + Times(n, "}") + " == {}");
        yield return Case("calls", n => Times(n, "[1].contains(") + "1" + Times(n, ")"));
        yield return Case("negations", n => Times(n, "!(") + "true" + Times(n, ")"));
        yield return Case("decisions", n => Times(n, "if true then true else ") + "true");
        yield return Case("a row of and", n => string.Join(" && ", Enumerable.Repeat("principal == resource", n)));
        yield return Case("a row of or without blanks", n => string.Join("||", Enumerable.Repeat("principal==resource", n)));
        yield return Case("a sum", n => string.Join(" + ", Enumerable.Repeat("1", n)) + " > 0");
        yield return Case("attributes", n => "context" + Times(n, ".a") + " == 1");
        yield return Case("attributes in brackets", n => "context" + Times(n, "[\"a\"]") + " == 1");

        static TestCaseData<Func<int, string>> Case(string name, Func<int, string> condition) => new(condition) { TestName = name };
    }

    [TestCaseSource(nameof(Deep))]
    public void Should_be_refused_with_the_place_when_it_is_too_deep_for_the_engine(Func<int, string> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        foreach (var depth in new[] { 300, 1000, 4000 })
        {
            // What comes before and after is read as ever.
            var result = Texts.Load(Texts.MayApprove, Texts.Forbid("deep", condition(depth)), "permit (principal, action, resource);");

            Assert.That(result.Faults.Select(f => f.ToString()), Has.One.StartsWith("test.cedar:3:").And.One.Contains("nested too deeply"));
        }
    }

    [TestCaseSource(nameof(Deep))]
    public void Should_never_fail_otherwise_than_with_faults_at_any_depth(Func<int, string> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        for (var depth = 1; depth < 260; depth = (depth * 5 / 4) + 1)
        {
            var text = Texts.Forbid("deep", condition(depth));
            var result = Texts.Load(text);

            Assert.That(result.Faults.Select(f => f.Message), Has.None.Contains("the engine can't take this"), $"depth {depth}");
            if (result.IsAccepted)
            {
                var set = CedarPolicySet.FromPolicies(new Dictionary<string, string>(StringComparer.Ordinal) { ["deep"] = text }, null);
                Assert.That(TheEngine.Shared.AuthorizeWhole(set, Question).Errors, Is.Empty, $"depth {depth}");
            }
        }
    }

    [Test]
    public void Should_be_refused_with_the_place_when_a_policy_is_too_long()
    {
        var result = Texts.Load(Texts.MayApprove, Texts.Forbid("long", $"\"{new string('x', 200_000)}\" == \"a\""));

        Assert.That(result.Faults.Single().ToString(), Does.StartWith(Place).And.Contains("longer than 131072 characters"));
    }

    [Test]
    public void Should_be_refused_when_it_has_too_many_policies()
    {
        var half = string.Concat(Enumerable.Repeat("forbid (principal, action, resource);\n", 2501));

        var result = PolicyBundle.FromFiles(TheEngine.Shared, [new PolicyFile("a.cedar", ""), new PolicyFile("b.cedar", half + half)]);

        Assert.That(result.Faults.Single().ToString(), Does.StartWith("b.cedar:1:1: with this file the bundle has 500"));
    }

    [Test]
    public void Should_be_refused_when_its_schema_is_too_deep()
    {
        var schema = $"entity U {{ a: {Times(500, "Set<")}Long{Times(500, ">")} }};";

        var result = PolicyBundle.FromFiles(TheEngine.Shared, [new PolicyFile("a.cedar", Texts.MayApprove)], schema);

        Assert.That(
            result.Faults.Select(f => f.ToString()),
            Has.One.StartsWith("governance.cedarschema:1:").And.One.Contains("nested too deeply")
        );
    }

    [Test]
    public void Should_take_a_schema_of_many_statements()
    {
        var entities = string.Concat(
            Enumerable.Range(0, 400).Select(n => FormattableString.Invariant($"entity E{n} in [U] {{ a: Set<Long> }};\n"))
        );
        var schema = $"namespace N {{ entity U;\n{entities}action see appliesTo {{ principal: [U], resource: [U] }}; }}";

        var result = PolicyBundle.FromFiles(
            TheEngine.Shared,
            [new PolicyFile("a.cedar", """@id("a") permit(principal, action == N::Action::"see", resource);""")],
            schema
        );

        Assert.That(result.Faults, Is.Empty);
    }

    [Test]
    public void Should_be_read_from_the_store_as_it_was_decided_with()
    {
        var text = Texts.Forbid("row", string.Join(" && ", Enumerable.Repeat("true", 220)));
        var stored = JsonSerializer.Serialize(
            new { policies = new Dictionary<string, string>(StringComparer.Ordinal) { ["row"] = text }, schema = GovernanceSchema.Text }
        );

        Assert.That(Texts.Load(text).IsAccepted, Is.False);
        Assert.That(PolicyBundle.FromCanonicalJson(TheEngine.Shared, stored).Faults, Is.Empty);
    }

    [Test]
    public void Should_be_a_fault_when_the_engine_fails_after_all()
    {
        var stored = JsonSerializer.Serialize(
            new
            {
                policies = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["deep"] = Texts.Forbid("deep", Times(5000, "(") + "true" + Times(5000, ")")),
                },
                schema = GovernanceSchema.Text,
            }
        );

        Assert.That(
            PolicyBundle.FromCanonicalJson(TheEngine.Shared, stored).Faults.Select(f => f.ToString()),
            Has.One.StartsWith("stored bundle/deep:1:1: the engine can't take this")
        );
    }

    [Test]
    public void Should_take_what_only_looks_deep()
    {
        var brackets = new string('(', 500);
        var bundle = Texts.Bundle(
            $"// {brackets}\n"
                + Texts.Forbid(
                    "text",
                    $"principal has environment && principal.environment == \"{brackets}\\\"{brackets}\"",
                    $"@reason(\"{brackets}\")"
                ),
            Texts.Forbid("list", $"[{string.Join(", ", Enumerable.Range(0, 2000))}].contains(1)")
        );

        Assert.That(bundle.Policies.Keys, Is.EquivalentTo(new[] { "text", "list" }));
    }

    private static CedarRequest Question { get; } =
        new(
            new CedarUid("Governance::ServiceAccount", "a"),
            new CedarUid("Governance::Action", "issue"),
            new CedarUid("Governance::Entitlement", "b"),
            "{}",
            "[]"
        );

    private static string Times(int count, string text) => string.Concat(Enumerable.Repeat(text, count));
}
