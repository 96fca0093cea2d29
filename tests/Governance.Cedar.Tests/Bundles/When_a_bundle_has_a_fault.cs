using Governance.Cedar.Bundles;

namespace Governance.Cedar.Tests;

public sealed class When_a_bundle_has_a_fault
{
    private const string Good = """@id("good") permit(principal, action == Governance::Action::"use", resource);""";
    private const string Risky = """@risk("low") @rationale("test")""";

    public static IEnumerable<TestCaseData> Faults()
    {
        static TestCaseData Case(string name, string policy, string cause) => new TestCaseData(policy, cause).SetArgDisplayNames(name);

        yield return Case("no id", """permit(principal, action == Governance::Action::"use", resource);""", "no @id");
        yield return Case(
            "id without a value",
            """@id permit(principal, action == Governance::Action::"use", resource);""",
            "@id has no value"
        );
        yield return Case("bad id", """@id("a b") permit(principal, action == Governance::Action::"use", resource);""", "@id(\"a b\")");
        yield return Case("same id twice", Good, "already used in test.cedar:1:1");
        yield return Case(
            "misspelt annotation",
            """@id("a") @maxDuraton("PT1H") forbid(principal, action == Governance::Action::"use", resource);""",
            "unknown annotation @maxDuraton"
        );
        yield return Case(
            "misspelt approval",
            """@id("a") @aproval("1 of owner") forbid(principal, action == Governance::Action::"issue", resource);""",
            "unknown annotation @aproval"
        );
        yield return Case(
            "annotation in another case",
            """@id("a") @Approval("1 of owner") forbid(principal, action == Governance::Action::"issue", resource);""",
            "unknown annotation @Approval"
        );
        yield return Case(
            "approval on a permit",
            $"""@id("a") {Risky} @approval("1 of owner") permit(principal, action == Governance::Action::"issue", resource);""",
            "@approval on a permit"
        );
        yield return Case(
            "unscoped gate",
            """@id("a") @approval("1 of owner") forbid(principal, action, resource);""",
            "does not name the action"
        );
        yield return Case(
            "gate on another action",
            """@id("a") @approval("1 of owner") forbid(principal, action == Governance::Action::"use", resource);""",
            "does not name the action"
        );
        yield return Case(
            "gate on more than it may",
            """@id("a") @approval("1 of owner") forbid(principal, action in [Governance::Action::"issue", Governance::Action::"request"], resource);""",
            "does not name the action"
        );
        yield return Case(
            "gate on the group",
            """@id("a") @approval("1 of owner") forbid(principal, action in Governance::Action::"hold", resource);""",
            "does not name the action"
        );
        yield return Case(
            "unreadable approval",
            """@id("a") @approval("1 or owner") forbid(principal, action == Governance::Action::"issue", resource);""",
            "is no requirement"
        );
        yield return Case(
            "approval without a value",
            """@id("a") @approval forbid(principal, action == Governance::Action::"issue", resource);""",
            "@approval has no value"
        );
        yield return Case(
            "unreadable duration",
            $"""@id("a") {Risky} @maxDuration("8h") permit(principal, action == Governance::Action::"issue", resource);""",
            "@maxDuration(\"8h\")"
        );
        yield return Case(
            "duration of a month",
            $"""@id("a") {Risky} @maxDuration("P1M") permit(principal, action == Governance::Action::"issue", resource);""",
            "@maxDuration(\"P1M\")"
        );
        yield return Case(
            "duration of nothing",
            $"""@id("a") {Risky} @reviewWithin("PT0S") permit(principal, action == Governance::Action::"issue", resource);""",
            "@reviewWithin(\"PT0S\")"
        );
        yield return Case(
            "unreadable start",
            $"""@id("a") {Risky} @notBefore("PT1H") permit(principal, action == Governance::Action::"issue", resource);""",
            "@notBefore(\"PT1H\"): expected \"change-window\""
        );
        yield return Case(
            "start without a value",
            $"""@id("a") {Risky} @notBefore permit(principal, action == Governance::Action::"issue", resource);""",
            "@notBefore has no value"
        );
        yield return Case(
            "start without effect",
            """@id("a") @notBefore("change-window") forbid(principal, action == Governance::Action::"issue", resource);""",
            "@notBefore has no effect here"
        );
        yield return Case(
            "unreadable flag",
            $"""@id("a") {Risky} @boundToTicket("yes") permit(principal, action == Governance::Action::"issue", resource);""",
            "@boundToTicket(\"yes\")"
        );
        yield return Case(
            "unreadable bound of emergencies",
            $"""@id("a") {Risky} @maxUnreviewed("10") permit(principal, action == Governance::Action::"breakGlass", resource);""",
            "@maxUnreviewed(\"10\")"
        );
        yield return Case(
            "bound of emergencies without effect",
            $"""@id("a") {Risky} @maxUnreviewed("1") permit(principal, action == Governance::Action::"issue", resource);""",
            "@maxUnreviewed has no effect here"
        );
        yield return Case(
            "unreadable recipients",
            $"""@id("a") {Risky} @notify("everybody") permit(principal, action == Governance::Action::"issue", resource);""",
            "@notify(\"everybody\")"
        );
        yield return Case(
            "unknown risk",
            """@id("a") @risk("huge") @rationale("x") permit(principal, action == Governance::Action::"issue", resource);""",
            "@risk(\"huge\")"
        );
        yield return Case(
            "empty rationale",
            """@id("a") @risk("low") @rationale(" ") permit(principal, action == Governance::Action::"issue", resource);""",
            "@rationale is empty"
        );
        yield return Case(
            "no risk",
            """@id("a") @rationale("x") permit(principal, action == Governance::Action::"issue", resource);""",
            "needs @risk"
        );
        yield return Case(
            "no rationale",
            """@id("a") @risk("low") permit(principal, action == Governance::Action::"renew", resource);""",
            "needs @rationale"
        );
        yield return Case(
            "no risk on retain",
            """@id("a") permit(principal, action == Governance::Action::"retain", resource);""",
            "needs @risk"
        );
        yield return Case(
            "no risk on the group",
            """@id("a") permit(principal, action in Governance::Action::"hold", resource);""",
            "needs @risk"
        );
        yield return Case(
            "no risk on break-glass",
            """@id("a") permit(principal, action == Governance::Action::"breakGlass", resource);""",
            "needs @risk"
        );
        yield return Case("no risk on everything", """@id("a") permit(principal, action, resource);""", "needs @risk");
        yield return Case(
            "no risk hidden in a list",
            """@id("a") permit(principal, action in [Governance::Action::"use", Governance::Action::"issue"], resource);""",
            "needs @risk"
        );
        yield return Case(
            "obligation without effect",
            """@id("a") @maxDuration("PT1H") forbid(principal, action == Governance::Action::"issue", resource);""",
            "@maxDuration has no effect here"
        );
        yield return Case(
            "template",
            """@id("a") permit(principal == ?principal, action == Governance::Action::"use", resource);""",
            "template"
        );
        yield return Case("syntax error", """@id("a") permitt(principal, action, resource);""", "invalid policy effect");
        yield return Case(
            "attribute that does not exist",
            """@id("a") forbid(principal, action == Governance::Action::"issue", resource) when { context.ticketstate == "x" };""",
            "ticketstate"
        );
        yield return Case(
            "approvals are in no context",
            """@id("a") forbid(principal, action == Governance::Action::"issue", resource) when { context.approvals == [] };""",
            "approvals"
        );
        yield return Case("unknown action", """@id("a") forbid(principal, action == Governance::Action::"isue", resource);""", "isue");
        yield return Case(
            "optional attribute unchecked",
            """@id("a") forbid(principal is Governance::ServiceAccount, action == Governance::Action::"issue", resource) when { principal.owner.active };""",
            "owner"
        );
        yield return Case(
            "a policy that can never hold",
            """@id("a") forbid(principal, action == Governance::Action::"issue", resource) when { 1 == 2 };""",
            "impossible"
        );
    }

    [TestCaseSource(nameof(Faults))]
    public void Should_be_refused_whole_and_say_where_and_why(string policy, string cause)
    {
        var result = Texts.Load(Good, policy);

        Assert.That(result.IsAccepted, Is.False);
        Assert.That(result.Bundle, Is.Null);
        Assert.That(result.Faults.Select(fault => fault.ToString()), Has.Some.Contains(cause));
        var fault = result.Faults.First(fault => fault.Message.Contains(cause, StringComparison.Ordinal));
        Assert.That((fault.File, fault.Line), Is.EqualTo(("test.cedar", 2)));
        Assert.That(fault.Column, Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public void Should_name_every_fault_of_every_file_at_once()
    {
        var result = PolicyBundle.FromFiles(
            TheEngine.Shared,
            [
                new PolicyFile("a.cedar", "// é comment\r\n\r\npermit(principal, action, resource);\r\n"),
                new PolicyFile(
                    "b.cedar",
                    Good + "\n  " + """@id("x") @colour("red") forbid(principal, action, resource) when { context.nothing };"""
                ),
                new PolicyFile("c.cedar", "@id(\"y\")\nfobid(principal, action, resource);"),
            ]
        );

        var faults = result.Faults.Select(fault => fault.ToString()).ToArray();
        Assert.That(faults, Has.Some.StartsWith("a.cedar:3:1: the policy has no @id"));
        Assert.That(faults, Has.Some.StartsWith("a.cedar:3:1: a permit that can let something through with nobody asked needs @risk"));
        Assert.That(faults, Has.Some.StartsWith("b.cedar:2:3: x: unknown annotation @colour"));
        Assert.That(faults, Has.Some.StartsWith("b.cedar:2:").And.Some.Contains("nothing"));
        Assert.That(faults, Has.Some.StartsWith("c.cedar:2:1: ").And.Some.Contains("fobid"));
    }

    [Test]
    public void Should_refuse_a_schema_that_does_not_parse()
    {
        var result = PolicyBundle.FromFiles(TheEngine.Shared, [new PolicyFile("a.cedar", Good)], "entity User in [Nowhere];");
        Assert.That(result.IsAccepted, Is.False);
        Assert.That(result.Faults[0].ToString(), Does.StartWith("governance.cedarschema:1:").And.Contain("Nowhere"));
    }

    [Test]
    public void Should_refuse_a_bundle_without_policies() =>
        Assert.That(Texts.Load("// nothing yet").Faults.Single().Message, Does.Contain("no policies"));
}
