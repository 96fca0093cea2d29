using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_conflicts_have_exemptions
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly string[] Separation =
    [
        Texts.Permit("p"),
        Texts.Forbid("sod", "resource.conflicts.containsAny(context.actorHeld)"),
    ];

    [Test]
    public void Should_conflict_as_long_as_nobody_is_exempt()
    {
        var decision = Deciding.Decide(Writer().Conflict(), Separation);

        Assert.That((decision.Outcome, decision.PolicyIds()), Is.EqualTo((Outcome.Forbid, new[] { "sod" })));
    }

    [Test]
    public void Should_not_conflict_while_exempt_and_record_what_it_rests_on()
    {
        var decision = Deciding.Decide(Writer().Conflict(Facts.Exemption(until: TimeSpan.FromDays(3))), Separation);

        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(
            decision.Exemptions,
            Is.EqualTo(
                new[]
                {
                    new AppliedExemption(
                        "migration",
                        "pay-and-approve",
                        Facts.Now + TimeSpan.FromDays(3),
                        "every change is reviewed daily",
                        "kim"
                    ),
                }
            )
        );
    }

    [Test]
    public void Should_end_with_the_exemption()
    {
        var decision = Deciding.Decide(
            Writer().Conflict(Facts.Exemption(until: Hour / 2), Facts.Exemption(until: Hour / 4, id: "shorter")),
            Separation
        );

        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, Hour / 2)), "of two the longer counts");
        Assert.That(decision.Cuts, Is.EqualTo(new[] { new DurationCut(Hour, Hour / 2, "exemption:migration") }));
        Assert.That(decision.NotAfter, Is.EqualTo(Facts.Now + (Hour / 2)), "however late it starts");
    }

    [Test]
    public void Should_end_with_the_exemption_where_the_change_window_starts_late()
    {
        string[] policies = [.. Separation, Texts.Permit("later", annotations: """@notBefore("change-window")""")];
        var facts = Writer().Ticket().Window(Hour, 9 * Hour);

        var ends = Deciding.Decide(facts.Conflict(Facts.Exemption(until: 1.5 * Hour)), policies);
        Assert.That((ends.Outcome, ends.Duration), Is.EqualTo((Outcome.Permit, Hour / 2)));

        var over = Deciding.Decide(facts.Conflict(Facts.Exemption(until: Hour)), policies);
        Assert.That((over.Outcome, over.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.ExemptionOver)));
    }

    [TestCase(-2, 0, Description = "over at this moment")]
    [TestCase(1, 2, Description = "still to come")]
    public void Should_count_only_while_it_lasts(int from, int until) => Refused(Facts.Exemption(from: from * Hour, until: until * Hour));

    [Test]
    public void Should_count_at_the_moment_at_which_the_access_starts()
    {
        var tomorrow = Facts.Exemption(from: 24 * Hour, until: 25 * Hour);

        Assert.That(Deciding.Decide(Writer().Conflict(tomorrow).Starting(24 * Hour), Separation).Outcome, Is.EqualTo(Outcome.Permit));
        Refused(Facts.Exemption(until: 2 * Hour), start: 2 * Hour);
    }

    [Test]
    public void Should_count_for_nobody_else() => Refused(Facts.Exemption(until: Hour, human: "omar"));

    [Test]
    public void Should_count_only_if_the_conflicts_owner_approved_it() => Refused(Facts.Exemption(until: Hour, approvedBy: "omar"));

    [Test]
    public void Should_exempt_nobody_who_approved_it_themselves()
    {
        var facts = Writer().Conflict(Facts.Exemption(until: Hour, approvedBy: "dana"));
        facts = facts with { Conflicts = [facts.Conflicts![0] with { Owner = "dana" }] };

        Assert.That(Deciding.Decide(facts, Separation).PolicyIds(), Is.EqualTo(new[] { "sod" }));
    }

    [Test]
    public void Should_exempt_nobody_behind_an_identity_without_an_owner()
    {
        var facts = Writer().With(Facts.Nhi("svc-reporting", PrincipalKind.ServiceAccount, owner: null)) with
        {
            Actor = null,
            Held = ["ledger-db/approver"],
        };

        Assert.That(
            Deciding.Decide(facts.Conflict(Facts.Exemption(until: Hour, human: null!)), Separation).Outcome,
            Is.EqualTo(Outcome.Forbid)
        );
    }

    [Test]
    public void Should_leave_the_other_conflicts_of_the_same_entitlement()
    {
        var facts = Writer().Conflict(Facts.Exemption(until: Hour)).Conflict();
        facts = facts with { Conflicts = [facts.Conflicts![0], facts.Conflicts[1] with { Id = "another" }] };

        Assert.That(Deciding.Decide(facts, Separation).PolicyIds(), Is.EqualTo(new[] { "sod" }));
    }

    [Test]
    public void Should_neither_cut_nor_record_what_was_not_needed()
    {
        var decision = Deciding.Decide(Facts.Of("orders-db/writer").Conflict(Facts.Exemption(until: Hour / 2)), Separation);

        Assert.That((decision.Outcome, decision.Duration, decision.Exemptions), Is.EqualTo((Outcome.Permit, Hour, (object?)null)));
    }

    [Test]
    public void Should_let_named_conflicts_replace_what_the_entitlements_say() =>
        Assert.That(
            Deciding.Decide(Writer() with { Conflicts = [] }, Separation).Outcome,
            Is.EqualTo(Outcome.Permit),
            "the facts say which conflicts there are"
        );

    private static void Refused(ExemptionFacts exemption, TimeSpan start = default) =>
        Assert.That(Deciding.Decide(Writer().Conflict(exemption).Starting(start), Separation).PolicyIds(), Is.EqualTo(new[] { "sod" }));

    private static AccessFacts Writer() => Facts.Of("orders-db/writer").ActorHolds("ledger-db/approver");
}
