using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

public sealed class When_gates_fire
{
    private static readonly string Permit = Texts.Permit("p");

    [Test]
    public void Should_ask_for_approval_when_only_gates_stand_in_the_way()
    {
        var decision = Deciding.Decide(
            Facts.Of(),
            Permit,
            Texts.Gate("g", "2 of group:dba-oncall and 1 of owner", annotations: """@reason("four eyes")""")
        );

        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.ApprovalRequired, DecisionReasons.ApprovalRequired)));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "p", "g" }));
        var gate = decision.Gates.Single();
        Assert.That(
            (gate.Id, gate.Requirement, gate.Reason, gate.Discharged),
            Is.EqualTo(("g", "2 of group:dba-oncall and 1 of owner", "four eyes", false))
        );
        Assert.That(gate.Slots.Select(slot => slot.From), Is.EqualTo(new[] { "group:dba-oncall", "group:dba-oncall", "owner" }));
        Assert.That(decision.Filled(), Is.EqualTo(new string?[] { null, null, null }));
        Assert.That(decision.Purposes(), Is.EqualTo(new[] { "request", "issue", "issue-without-gates" }));
    }

    [Test]
    public void Should_never_ask_for_what_no_permit_lets_through()
    {
        var decision = Deciding.Decide(Facts.Of().Approved("omar"), Texts.Gate("g", "1 of group:dba-oncall"));
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.NoPermit)));
        Assert.That(decision.Gates, Is.Empty);
    }

    [Test]
    public void Should_never_ask_for_what_another_forbid_stops()
    {
        var decision = Deciding.Decide(Facts.Of().Approved("omar"), Permit, Texts.Gate("g", "1 of group:dba-oncall"), Texts.Forbid("f"));
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.Forbidden)));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "f", "g" }));
        Assert.That(decision.Gates, Is.Empty);
    }

    [Test]
    public void Should_permit_when_every_place_is_filled_and_record_the_discharged_gate_beside_the_permit()
    {
        var decision = Deciding.Decide(
            Facts.Of().Approved("omar"),
            Permit,
            Texts.Gate("g", "1 of group:dba-oncall"),
            Texts.Gate("quiet", "1 of owner", "context.emergency")
        );

        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Permit, DecisionReasons.Permitted)));
        Assert.That(
            decision.Policies.Select(policy => (policy.Id, policy.Effect)),
            Is.EqualTo(new[] { ("p", PolicyEffect.Permit), ("g", PolicyEffect.Forbid) })
        );
        var gate = decision.Gates.Single();
        Assert.That(gate.Discharged);
        Assert.That((gate.Slots[0].Approval, gate.Slots[0].Approver), Is.EqualTo(((Guid?)Facts.VoteId(1), "omar")));
        Assert.That(gate.Slots[0].Authority, Is.EqualTo(new[] { "vote" }));
        Assert.That(decision.Uncounted, Is.Empty);
        Assert.That(decision.Steps[^1].Purpose, Is.EqualTo("approve"));
        Assert.That(decision.Steps[^1].Principal, Is.EqualTo("Governance::Human::\"omar\""));
    }

    [Test]
    public void Should_ask_for_all_gates_at_once_and_say_which_is_still_open()
    {
        var decision = Deciding.Decide(
            Facts.Of().Approved("kim"),
            Permit,
            Texts.Gate("a", "1 of owner"),
            Texts.Gate("b", "1 of group:dba-oncall")
        );
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.ApprovalRequired));
        Assert.That(decision.Gates.Select(gate => (gate.Id, gate.Discharged)), Is.EqualTo(new[] { ("a", true), ("b", false) }));
    }

    [Test]
    public void Should_want_two_for_two()
    {
        var gate = Texts.Gate("g", "2 of group:dba-oncall");
        var one = Deciding.Decide(Facts.Of().Approved("omar"), Permit, gate);
        Assert.That(one.Outcome, Is.EqualTo(Outcome.ApprovalRequired));
        Assert.That(one.Filled(), Is.EqualTo(new[] { "omar", null }));
        Assert.That(Deciding.Decide(Facts.Of().Approved("omar", "lee"), Permit, gate).Outcome, Is.EqualTo(Outcome.Permit));
    }

    [Test]
    public void Should_count_a_person_once_however_often_they_approve()
    {
        var decision = Deciding.Decide(Facts.Of().Approved("omar", "omar"), Permit, Texts.Gate("g", "2 of group:dba-oncall"));
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.ApprovalRequired));
        Assert.That(decision.Rejected(), Is.EqualTo(new[] { ("omar", "duplicate") }));
        Assert.That(decision.Uncounted[0].Approval, Is.EqualTo(Facts.VoteId(2)));
    }

    [Test]
    public void Should_let_one_person_fill_one_place_over_all_gates()
    {
        var decision = Deciding.Decide(
            Facts.Of().Approved("omar"),
            Permit,
            Texts.Gate("a", "1 of group:dba-oncall"),
            Texts.Gate("b", "1 of group:dba-oncall")
        );
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.ApprovalRequired));
        Assert.That(decision.Filled(), Is.EqualTo(new[] { "omar", null }));
    }

    [TestCase("both", "only-a")]
    [TestCase("only-a", "both")]
    public void Should_place_people_so_that_all_fit(string first, string second)
    {
        var facts = Facts.Of().With(Facts.Human("both", "a", "b"), Facts.Human("only-a", "a")).Approved(first, second);
        var decision = Deciding.Decide(facts, Permit, Texts.Gate("g", "1 of group:a and 1 of group:b"));
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(decision.Filled(), Is.EqualTo(new[] { "only-a", "both" }));
    }

    [Test]
    public void Should_move_a_chain_of_people_to_make_room()
    {
        var facts = Facts
            .Of()
            .With(
                Facts.Human("u1", "a", "b"),
                Facts.Human("u2", "b", "c"),
                Facts.Human("u3", "c", "a"),
                Facts.Human("u4", "a"),
                Facts.Human("u5", "a")
            )
            .Approved("u1", "u2", "u4", "u5");
        var decision = Deciding.Decide(facts, Permit, Texts.Gate("g", "1 of group:a and 1 of group:b and 1 of group:c"));
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(decision.Filled(), Is.EqualTo(new[] { "u4", "u1", "u2" }));
        Assert.That(decision.Rejected(), Is.EqualTo(new[] { ("u5", "no-slot") }));
    }

    [Test]
    public void Should_know_the_owner_of_the_entitlement_and_a_named_person()
    {
        var decision = Deciding.Decide(Facts.Of().Approved("omar", "kim", "lee"), Permit, Texts.Gate("g", "1 of owner and 1 of user:lee"));
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(decision.Filled(), Is.EqualTo(new[] { "kim", "lee" }));
        Assert.That(decision.Rejected(), Is.EqualTo(new[] { ("omar", "no-slot") }));
    }

    [Test]
    public void Should_not_count_who_stands_behind_the_beneficiary()
    {
        var facts = Facts.Of(principal: "svc-reporting", requester: "omar").With(Facts.Human("dana", "dba-oncall")).Approved("dana");
        var decision = Deciding.Decide(facts, Permit, Texts.Gate("g", "1 of group:dba-oncall"));
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.ApprovalRequired));
        Assert.That(decision.Rejected(), Is.EqualTo(new[] { ("dana", "is-beneficiary") }));
    }

    [TestCase("omar", Description = "asks in person")]
    [TestCase("svc-omar", Description = "asks through an own identity")]
    public void Should_not_count_who_stands_behind_the_request(string requester)
    {
        var facts = Facts.Of(requester: requester).With(Facts.Nhi("svc-omar", PrincipalKind.ServiceAccount, "omar")).Approved("omar");
        var decision = Deciding.Decide(facts, Permit, Texts.Gate("g", "1 of group:dba-oncall"));
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.ApprovalRequired));
        Assert.That(decision.Rejected(), Is.EqualTo(new[] { ("omar", "is-requester") }));
    }

    [Test]
    public void Should_not_count_claims_machines_or_who_has_left()
    {
        var facts = Facts
            .Of()
            .With(
                Facts.Nhi("svc-vote", PrincipalKind.ServiceAccount, "lee", "dba-oncall"),
                Facts.Human("gone", "dba-oncall") with
                {
                    Active = false,
                }
            )
            .Vote("omar", Assurance.Claimed)
            .Approved("svc-vote", "gone");
        var decision = Deciding.Decide(facts, Permit, Texts.Gate("g", "1 of group:dba-oncall"));
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.ApprovalRequired));
        Assert.That(decision.Rejected(), Is.EqualTo(new[] { ("omar", "claimed-only"), ("svc-vote", "not-human"), ("gone", "inactive") }));

        var later = Deciding.Decide(facts.Approved("omar"), Permit, Texts.Gate("g", "1 of group:dba-oncall"));
        Assert.That(later.Outcome, Is.EqualTo(Outcome.Permit), "a claim is no vote, so the verified one is not a duplicate");
    }

    [Test]
    public void Should_not_count_whom_policy_does_not_let_approve()
    {
        var bundle = Texts.Bundle(
            Texts.MayRequest,
            Permit,
            Texts.Gate("g", "1 of group:dba-oncall"),
            """
            @id("lee-only")
            permit(principal == Governance::Human::"lee", action == Governance::Action::"approve", resource)
            when { resource.entitlement in Governance::Target::"orders-db" && resource.requester has actor && resource.requester.actor == Governance::Human::"dana" };
            """
        );
        Assert.That(bundle.Decide(Facts.Of().Approved("omar")).Rejected(), Is.EqualTo(new[] { ("omar", "policy") }));
        Assert.That(bundle.Decide(Facts.Of().Approved("omar")).Outcome, Is.EqualTo(Outcome.ApprovalRequired));

        var decision = bundle.Decide(Facts.Of().Approved("lee"));
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(decision.Gates[0].Slots[0].Authority, Is.EqualTo(new[] { "lee-only" }));
    }

    [Test]
    public void Should_not_count_an_approver_about_whom_a_policy_errors()
    {
        var decision = Deciding.Decide(
            Facts.Of().Approved("omar"),
            Permit,
            Texts.Gate("g", "1 of group:dba-oncall"),
            Texts.Forbid("broken", "9223372036854775807 + 1 > 0", action: "approve")
        );
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.ApprovalRequired));
        Assert.That(decision.Rejected(), Is.EqualTo(new[] { ("omar", "policy") }));
        Assert.That(decision.Steps[^1].Errors, Is.Not.Empty);
    }

    [Test]
    public void Should_forbid_when_a_gate_errors()
    {
        var decision = Deciding.Decide(
            Facts.Of().Approved("omar"),
            Permit,
            Texts.Gate("g", "1 of group:dba-oncall", "9223372036854775807 + 1 > 0")
        );
        Assert.That((decision.Outcome, decision.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.EvaluationError)));
    }

    [Test]
    public void Should_never_turn_a_denial_into_a_question_or_a_yes_by_one_gate_more()
    {
        var random = new Random(20261123);
        string[] conditions =
        [
            "true",
            "context.emergency",
            "resource.risk == \"low\"",
            "context.duration > duration(\"30m\")",
            "9223372036854775807 + 1 > 0",
        ];
        string Any() => conditions[random.Next(conditions.Length)];
        var asked = 0;

        for (var round = 0; round < 150; round++)
        {
            var policies = new List<string>();
            for (var n = random.Next(3); n > 0; n--)
            {
                policies.Add(Texts.Permit($"p{n}", Any()));
            }

            for (var n = random.Next(2); n > 0; n--)
            {
                policies.Add(Texts.Forbid($"f{n}", Any()));
            }

            for (var n = random.Next(2); n > 0; n--)
            {
                policies.Add(Texts.Gate($"g{n}", "1 of group:dba-oncall", Any()));
            }

            var facts = random.Next(2) == 0 ? Facts.Of() : Facts.Of().Approved("omar", "kim");
            var before = Deciding.Decide(facts, [.. policies]).Outcome;
            var after = Deciding.Decide(facts, [.. policies, Texts.Gate("more", "1 of owner", Any())]).Outcome;
            asked += after == Outcome.ApprovalRequired ? 1 : 0;

            Assert.That(after, Is.GreaterThanOrEqualTo(before), $"Permit < ApprovalRequired < Forbid:\n{string.Join("\n", policies)}");
        }

        Assert.That(asked, Is.GreaterThan(10), "else this tested nothing");
    }
}
