using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_policies_look_at_the_facts
{
    [TestCase("context has ticket && context.ticket has assignee && context.ticket.assignee.active")]
    [TestCase("context has ticket && context.ticket has configurationItem && context.ticket.configurationItem == \"orders-01\"")]
    [TestCase(
        "context has ticket && context.ticket has changeWindow && context.ticket.changeWindow.start == context.now && context.ticket.changeWindow.end.durationSince(context.now) == duration(\"2h\")"
    )]
    [TestCase("context has notBefore && context.notBefore == datetime(\"2026-11-23T13:00:00.000Z\")")]
    [TestCase("resource.target == Governance::Target::\"orders-db\" && resource.target.environment == \"production\"")]
    [TestCase("resource in resource.target && resource.target.tier == 2 && resource.target.kind == \"postgresql\"")]
    [TestCase(
        "principal is Governance::ServiceAccount && principal has sponsor && principal.sponsor == Governance::Human::\"lee\" && principal.sponsor.active"
    )]
    [TestCase("principal is Governance::ServiceAccount && principal has environment && principal.environment == \"production\"")]
    public void Should_see_them_as_the_schema_says(string condition)
    {
        var facts = Described();
        Assert.That(Deciding.Decide(facts, Texts.Permit("p"), Texts.Forbid("seen", condition)).PolicyIds(), Is.EqualTo(new[] { "seen" }));
    }

    [Test]
    public void Should_see_who_a_broken_glass_is_for() =>
        Assert.That(
            Deciding
                .Decide(
                    Described().Emergency().Starting(TimeSpan.Zero),
                    Texts.Permit(
                        "seen",
                        "context.for has serviceAccount && context.for.serviceAccount.active && context.for has actor && context.for.actor == principal",
                        action: "breakGlass"
                    )
                )
                .PolicyIds(),
            Is.EqualTo(new[] { "seen" })
        );

    [Test]
    public void Should_hand_on_what_they_say_to_people()
    {
        var policy = Deciding
            .Decide(Facts.Of(), Texts.Permit("p", annotations: """@reason("because") @control("AC-2") @advice("wait")"""))
            .Policies[0];

        Assert.That((policy.Reason, policy.Control, policy.Advice), Is.EqualTo(("because", "AC-2", "wait")));
        Assert.That((policy.Risk, policy.Rationale), Is.EqualTo(("low", "test")));
    }

    private static AccessFacts Described()
    {
        var facts = Facts
            .Of()
            .Ticket()
            .Window(TimeSpan.Zero, TimeSpan.FromHours(2))
            .Starting(TimeSpan.FromHours(1))
            .With(Facts.Nhi("svc-reporting", PrincipalKind.ServiceAccount, "dana") with { Sponsor = "lee" });
        var ticket = facts.Request.Ticket! with { Assignee = "omar", ConfigurationItem = "orders-01" };
        return facts with { Request = facts.Request with { Ticket = ticket } };
    }
}
