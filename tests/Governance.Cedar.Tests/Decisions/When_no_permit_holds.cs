using System.Text.Json;
using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>A denial for want of a permit names the one that came nearest, and what it lacked.</summary>
public sealed class When_no_permit_holds
{
    [Test]
    public void Should_name_what_of_the_scope_is_not_met()
    {
        var decision = Deciding.Decide(
            Facts.Of(),
            Scoped("dba-read", """principal in Governance::Group::"dba-oncall" """, "resource", """context.duration <= duration("30m")""")
        );

        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.NoPermit)));
        Assert.That(
            decision.Nearest?.Describe(),
            Is.EqualTo(
                "policy \"dba-read\" came nearest: it wants principal in group dba-oncall; it wants duration at most PT30M, asked PT1H"
            )
        );
    }

    [TestCase("""principal == Governance::ServiceAccount::"svc-billing" """, "principal to be service account svc-billing")]
    [TestCase("principal is Governance::Human", "principal to be a human")]
    [TestCase("principal is Governance::AiAgent", "principal to be an ai agent")]
    [TestCase(
        """principal is Governance::ServiceAccount in Governance::Group::"batch" """,
        "principal to be a service account in group batch"
    )]
    public void Should_put_the_scope_of_the_principal_in_words(string scope, string words)
    {
        var decision = Deciding.Decide(Facts.Of(), Scoped("p", scope, "resource", "true"));

        Assert.That(decision.Nearest?.Lacked, Is.EqualTo(new[] { words }));
    }

    [TestCase("""resource == Governance::Entitlement::"orders-db/owner" """, "resource to be entitlement orders-db/owner")]
    [TestCase("""resource in Governance::Target::"ledger-db" """, "resource in target ledger-db")]
    public void Should_put_the_scope_of_the_resource_in_words(string scope, string words)
    {
        var decision = Deciding.Decide(Facts.Of(), Scoped("p", "principal", scope, "true"));

        Assert.That(decision.Nearest?.Lacked, Is.EqualTo(new[] { words }));
    }

    [TestCase("context.emergency", "emergency to be true")]
    [TestCase("!principal.active", "principal.active to be false")]
    [TestCase("context has ticket", "ticket to be there")]
    [TestCase("""context has ticket && context.ticket.key == "X" """, "ticket.key to be \"X\"")]
    [TestCase("""context.via == "http" """, "via to be \"http\"")]
    [TestCase("""!(context.via == "amqp")""", "via not to be \"amqp\"")]
    [TestCase("""context.source like "http:*" """, "source like \"http:*\"")]
    [TestCase("""!(context.source like "https:*")""", "source not like \"https:*\"")]
    [TestCase("""context.duration < duration("1h")""", "duration below PT1H, asked PT1H")]
    [TestCase("""context.duration >= duration("1d2h30m")""", "duration at least P1DT2H30M, asked PT1H")]
    [TestCase("""!(context.duration >= duration("1ms"))""", "duration below PT0.001S, asked PT1H")]
    [TestCase("resource.risk == \"high\" || context.emergency", "(resource.risk to be \"high\" or emergency to be true)")]
    [TestCase("!(resource.risk == \"low\" && !context.emergency)", "(resource.risk not to be \"low\" or emergency to be true)")]
    [TestCase("context.held.contains(Governance::Entitlement::\"orders-db/writer\")", "held to contain entitlement orders-db/writer")]
    [TestCase(
        "context.held.containsAny([Governance::Entitlement::\"orders-db/writer\"])",
        "held to contain any of [entitlement orders-db/writer]"
    )]
    [TestCase("principal has owner && principal.owner in Governance::Group::\"audit\"", "principal.owner in group audit")]
    [TestCase(
        "if context.emergency then true else context.via == \"http\"",
        "(if emergency to be true then true to be true else via to be \"http\")"
    )]
    [TestCase("""context.now > datetime("2030-01-01")""", "now above 2030-01-01")]
    [TestCase("!(principal has owner)", "no principal.owner")]
    public void Should_put_a_condition_in_words(string condition, string words)
    {
        var decision = Deciding.Decide(
            Facts.Of(),
            $$"""
            @id("p") @risk("low") @rationale("test")
            permit(principal is Governance::ServiceAccount, action == Governance::Action::"issue", resource) when { {{condition}} };
            """
        );

        Assert.That(decision.Nearest?.Lacked, Is.EqualTo(new[] { words }), string.Join("\n", decision.Errors));
    }

    [Test]
    public void Should_name_what_an_unless_forbids()
    {
        var decision = Deciding.Decide(
            Facts.Of(),
            """
            @id("p") @risk("low") @rationale("test")
            permit(principal, action == Governance::Action::"issue", resource)
            when { principal.active } unless { context.via == "amqp" || context.emergency };
            """
        );

        Assert.That(decision.Nearest?.Lacked, Is.EqualTo(new[] { "via not to be \"amqp\"" }), "it is no emergency");
    }

    [Test]
    public void Should_say_what_the_state_of_the_ticket_is()
    {
        const string Approved = """context has ticket && context.ticket has state && context.ticket.state == "approved" """;

        var waiting = Deciding.Decide(Facts.Of().Ticket("new"), Texts.Permit("p", Approved));
        var none = Deciding.Decide(Facts.Of(), Texts.Permit("p", Approved));

        Assert.That(waiting.Nearest?.Lacked, Is.EqualTo(new[] { "ticket.state to be \"approved\", is \"new\"" }));
        Assert.That(none.Nearest?.Lacked, Is.EqualTo(new[] { "ticket.state to be \"approved\", is missing" }), "in place of its guards");
    }

    [Test]
    public void Should_say_that_the_duration_was_cut_before_policies_saw_it()
    {
        var decision = Deciding.Decide(Facts.Of().For(TimeSpan.FromHours(20)), Texts.Permit("p", """context.duration <= duration("4h")"""));

        Assert.That(decision.Nearest?.Lacked, Is.EqualTo(new[] { "duration at most PT4H, asked PT20H, which was cut to PT8H" }));
    }

    [Test]
    public void Should_name_of_several_the_one_that_lacks_least()
    {
        var decision = Deciding.Decide(
            Facts.Of(),
            Texts.Permit("a", "context.emergency && context.via == \"http\""),
            Texts.Permit("b", "context.via == \"http\""),
            Texts.Permit("c", "context.emergency && context.via == \"http\" && principal.active")
        );

        Assert.That(decision.Nearest?.Policy, Is.EqualTo("b"));
    }

    [Test]
    public void Should_prefer_what_is_about_this_resource_and_this_principal()
    {
        var decision = Deciding.Decide(
            Facts.Of(),
            Scoped("a-elsewhere", "principal", """resource == Governance::Entitlement::"orders-db/writer" """, "true"),
            Scoped("b-at-another-target", "principal", """resource in Governance::Target::"ledger-db" """, "true"),
            Scoped("c-for-people", "principal is Governance::Human", "resource", "true"),
            Scoped(
                "d-here",
                "principal",
                """resource == Governance::Entitlement::"orders-db/readonly" """,
                """context.emergency && context.via == "http" """
            )
        );

        Assert.That(decision.Nearest?.Policy, Is.EqualTo("d-here"));
    }

    [Test]
    public void Should_name_the_first_by_id_of_those_that_lack_as_much()
    {
        string[] permits =
        [
            Texts.Permit("b", "context.emergency"),
            Texts.Permit("a", "context.via == \"http\""),
            Texts.Permit("c", "context.emergency"),
        ];

        Assert.That(Deciding.Decide(Facts.Of(), permits).Nearest?.Policy, Is.EqualTo("a"));
        Assert.That(Deciding.Decide(Facts.Of(), [.. permits.Reverse()]).Nearest?.Policy, Is.EqualTo("a"));
    }

    [Test]
    public void Should_name_what_would_have_failed_behind_what_was_not_met()
    {
        var decision = Deciding.Decide(Facts.Of(), Texts.Permit("p", "context.emergency && 9223372036854775807 + 1 > 0"));

        Assert.That(decision.Reasons[0], Is.EqualTo(DecisionReasons.NoPermit));
        Assert.That(
            decision.Nearest?.Lacked,
            Is.EqualTo(new[] { "emergency to be true", "9223372036854775807 + 1 above 0" }),
            "who meets the first is not told that the second can't be met"
        );
    }

    [Test]
    public void Should_say_nothing_of_it_where_something_else_refuses()
    {
        var nobody = Texts.Permit("p", "context.emergency");

        Assert.That(Deciding.Decide(Facts.Of(), nobody, Texts.Forbid("f")).Nearest, Is.Null, "a forbid");
        Assert.That(Deciding.Decide(Facts.Of(), nobody, Texts.Forbid("f", action: "request")).Nearest, Is.Null, "a forbid to ask");
        Assert.That(Deciding.Decide(Facts.Of(), nobody, Texts.Permit("q", "9223372036854775807 + 1 > 0")).Nearest, Is.Null, "an error");
        Assert.That(Deciding.Decide(Facts.Of(), Texts.Permit("q")).Nearest, Is.Null, "nothing");
        Assert.That(
            Deciding.Decide(Facts.Of(), Texts.Permit("q"), Texts.Gate("g", "1 of owner")).Nearest,
            Is.Null,
            "a gate, which waits for somebody"
        );
        Assert.That(
            Deciding.Decide(Facts.Of(), nobody, Texts.Gate("g", "1 of owner")).Nearest?.Policy,
            Is.EqualTo("p"),
            "behind the gate there is no permit"
        );
    }

    [Test]
    public void Should_have_nothing_to_name_where_no_permit_is_about_the_action()
    {
        var decision = Deciding.Decide(Facts.Of(), Texts.Permit("other", action: "renew"));

        Assert.That((decision.Reasons[0], decision.Nearest), Is.EqualTo((DecisionReasons.NoPermit, (NearestPermit?)null)));
    }

    [Test]
    public void Should_pass_over_what_is_about_another_action_by_its_condition()
    {
        const string Other = """
            @id("a") @risk("low") @rationale("test")
            permit(principal, action in Governance::Action::"hold", resource) when { action == Governance::Action::"renew" };
            """;

        Assert.That(Deciding.Decide(Facts.Of(), Other).Nearest, Is.Null);
        Assert.That(
            Deciding.Decide(Facts.Of(), Other, Texts.Permit("b", "context.emergency && context.via == \"http\"")).Nearest?.Policy,
            Is.EqualTo("b")
        );
    }

    [Test]
    public void Should_name_it_for_whoever_may_not_ask()
    {
        var decision = Texts
            .Bundle("""@id("ask") permit(principal == Governance::Human::"kim", action == Governance::Action::"request", resource);""")
            .Decide(Facts.Of());

        Assert.That(decision.Reasons[0], Is.EqualTo(DecisionReasons.RequestNoPermit));
        Assert.That(decision.Nearest?.Describe(), Is.EqualTo("policy \"ask\" came nearest: it wants principal to be human kim"));
    }

    [Test]
    public void Should_name_it_for_access_that_is_there()
    {
        const string Permit = """
            @id("p") @risk("low") @rationale("test")
            permit(principal, action in Governance::Action::"hold", resource)
            when { action == Governance::Action::"issue" || context.emergency };
            """;

        Assert.That(Deciding.Decide(DecisionPurpose.Issue, Facts.Of(), Permit).Outcome, Is.EqualTo(Outcome.Permit));
        var lost = Deciding.Decide(DecisionPurpose.Retain, Facts.Of(), Permit);
        Assert.That(
            lost.Nearest?.Lacked,
            Is.EqualTo(new[] { "emergency to be true" }),
            "what is known of the action is no part of what it wants"
        );
    }

    [Test]
    public void Should_come_out_the_same_again_from_what_was_stored()
    {
        var bundle = Texts.Bundle(Texts.MayRequest, Texts.Permit("p", "context.emergency"), Texts.Permit("q", "context.via == \"http\""));
        var first = bundle.Decide(Facts.Of());
        var stored = PolicyBundle.FromCanonicalJson(TheEngine.Shared, bundle.CanonicalJson).Bundle!;

        Assert.That(first.Nearest, Is.Not.Null);
        using var other = CedarEngine.Create();
        var again = new DecisionEngine(other).Decide(DecisionPurpose.Issue, Facts.Now, stored, Facts.Of());
        Assert.That(JsonSerializer.Serialize(again, WireJson.Options), Is.EqualTo(JsonSerializer.Serialize(first, WireJson.Options)));
    }

    [Test]
    public void Should_be_read_back_and_be_absent_from_what_is_older()
    {
        var json = JsonSerializer.Serialize(Deciding.Decide(Facts.Of(), Texts.Permit("p", "context.emergency")), WireJson.Options);
        var older = System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject();
        older.Remove("nearest");

        Assert.That(JsonSerializer.Deserialize<Decision>(json, WireJson.Strict)!.Nearest?.Policy, Is.EqualTo("p"));
        Assert.That(JsonSerializer.Deserialize<Decision>(older.ToJsonString(), WireJson.Strict)!.Nearest, Is.Null);
    }

    [Test]
    public void Should_say_nothing_rather_than_look_at_too_much()
    {
        string[] Permits(int number, string scope) =>
            [.. Enumerable.Range(0, number).Select(i => Scoped($"p{i:000}", "principal", scope, "context.emergency"))];

        var few = Deciding.Decide(Facts.Of(), Permits(100, "resource"));
        var many = Deciding.Decide(Facts.Of(), Permits(300, "resource"));
        var elsewhere = Deciding.Decide(
            Facts.Of(),
            [.. Permits(300, """resource == Governance::Entitlement::"orders-db/owner" """), Texts.Permit("here", "context.emergency")]
        );

        Assert.That(few.Nearest?.Policy, Is.EqualTo("p000"));
        Assert.That((many.Reasons[0], many.Nearest), Is.EqualTo((DecisionReasons.NoPermit, (NearestPermit?)null)));
        Assert.That(elsewhere.Nearest?.Policy, Is.EqualTo("here"), "those that name another resource cost nothing");
    }

    [Test]
    public void Should_bound_what_it_says()
    {
        var decision = Deciding.Decide(
            Facts.Of(),
            Texts.Permit("p", string.Join(" && ", Enumerable.Range(0, 9).Select(i => $"context.source == \"{i}{new string('x', 500)}\"")))
        );

        Assert.That((decision.Nearest!.Lacked.Count, decision.Nearest.More), Is.EqualTo((5, 4)));
        Assert.That(decision.Nearest.Lacked, Has.All.Length.LessThanOrEqualTo(200).And.All.EndsWith("…"));
        Assert.That(decision.Nearest.Describe(), Does.EndWith("; and 4 more"));
    }

    private static string Scoped(string id, string principal, string resource, string condition) =>
        $$"""
            @id("{{id}}") @risk("low") @rationale("test")
            permit({{principal}}, action == Governance::Action::"issue", {{resource}}) when { {{condition}} };
            """;
}
