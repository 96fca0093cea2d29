using System.Text.RegularExpressions;
using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;
using Governance.Voting;

namespace Governance.Cedar.Tests;

public sealed class When_the_sample_policies_decide
{
    private static PolicyBundle Sample => SamplePolicies.Bundle;

    [Test]
    public void Should_say_why_and_for_which_control_in_every_policy() =>
        Assert.That(
            Sample.Policies.Values.Where(policy => policy.Reason is null || policy.Control is null).Select(policy => policy.Id),
            Is.Empty
        );

    [Test]
    public void Should_name_only_what_the_sample_catalog_has()
    {
        var catalog = File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "sample-catalog.yaml"));
        var second = TimeSpan.FromSeconds(1);
        var named = Sample
            .Policies.Values.SelectMany(policy =>
                Regex.Matches(
                    policy.Text,
                    "Governance::(Entitlement|Target|Group)::\"(?<name>[^\"]+)\"",
                    RegexOptions.ExplicitCapture,
                    second
                )
            )
            .Select(match => match.Groups["name"].Value)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        named.AddRange(
            Sample
                .Policies.Values.SelectMany(policy => (policy.Approval?.Terms.Select(term => term.From) ?? []).Concat(policy.Notify))
                .Where(someone => someone.Kind != ApproverKind.Owner)
                .Select(someone => someone.Name)
        );
        Assert.That(named, Has.Count.GreaterThan(4));
        Assert.That(
            named.Where(name => !Regex.IsMatch(catalog, $@"(id: |\[){Regex.Escape(name)}[\],\s]", RegexOptions.ExplicitCapture, second)),
            Is.Empty
        );
    }

    [TestCase("svc-reporting", "dana")]
    [TestCase("svc-reporting", "svc-reporting")]
    [TestCase("agent-triage", "dana")]
    [TestCase("agent-triage", "agent-triage")]
    [TestCase("dana", "dana")]
    public void Should_issue_reading_on_an_approved_ticket(string principal, string requester)
    {
        var decision = Decide(Facts.Of("orders-db/readonly", principal, requester).Ticket());
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Permit), string.Join(", ", decision.Reasons));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "orders-db-readonly" }));
        Assert.That(decision.Policies[0].Risk, Is.EqualTo("low"));
        Assert.That(decision.Duration, Is.EqualTo(TimeSpan.FromHours(1)));
    }

    [Test]
    public void Should_cut_reading_to_eight_hours() =>
        Assert.That(
            Decide(Facts.Of().Ticket().For(TimeSpan.FromHours(20))),
            Has.Property(nameof(Decision.Duration))
                .EqualTo(TimeSpan.FromHours(8))
                .And.Property(nameof(Decision.Outcome))
                .EqualTo(Outcome.Permit)
        );

    [TestCase("pending")]
    [TestCase("Approved")]
    [TestCase(null)]
    public void Should_not_issue_reading_on_another_ticket(string? state) =>
        Assert.That(Decide(Facts.Of().Ticket(state)).Reasons, Is.EqualTo(new[] { DecisionReasons.NoPermit }));

    [Test]
    public void Should_not_issue_reading_without_a_ticket() =>
        Assert.That(Decide(Facts.Of()).Reasons, Is.EqualTo(new[] { DecisionReasons.NoPermit }));

    [Test]
    public void Should_ask_a_dba_before_writing_and_take_two_hours_at_most()
    {
        var asked = Decide(Facts.Of("orders-db/writer").For(TimeSpan.FromHours(5)));
        Assert.That((asked.Outcome, asked.Duration), Is.EqualTo((Outcome.ApprovalRequired, TimeSpan.FromHours(2))));
        Assert.That(asked.Gates.Single().Requirement, Is.EqualTo("1 of group:dba-oncall"));
        Assert.That(asked.Obligations.Notify, Is.EqualTo(new[] { "group:dba-oncall" }));

        var approved = Decide(Facts.Of("orders-db/writer").Approved("omar"));
        Assert.That(approved.Outcome, Is.EqualTo(Outcome.Permit));
        Assert.That(approved.PolicyIds(), Is.EqualTo(new[] { "orders-db-writer", "high-risk-needs-a-dba" }));
        Assert.That(approved.Gates[0].Slots[0].Authority, Is.EqualTo(new[] { "approve-as-dba-on-call" }));
        Assert.That(approved.Obligations.ReviewWithin, Is.EqualTo(TimeSpan.FromDays(7)));
    }

    [Test]
    public void Should_not_let_a_dba_approve_what_is_for_the_dba()
    {
        var own = Decide(Facts.Of("orders-db/writer", "omar", "omar").Approved("omar"));
        Assert.That((own.Outcome, own.Rejected()[0].Code), Is.EqualTo((Outcome.ApprovalRequired, "is-requester")));
        Assert.That(Decide(Facts.Of("orders-db/writer", "omar", "omar").Approved("omar", "lee")).Outcome, Is.EqualTo(Outcome.Permit));
    }

    [Test]
    public void Should_not_let_the_auditor_approve() =>
        Assert.That(Decide(Facts.Of("orders-db/writer").Approved("kim")).Rejected(), Is.EqualTo(new[] { ("kim", "policy") }));

    [Test]
    public void Should_never_make_a_service_account_the_owner()
    {
        var decision = Decide(Facts.Of("orders-db/owner").Ticket().Approved("omar", "lee"));
        Assert.That(decision.Outcome, Is.EqualTo(Outcome.Forbid));
        Assert.That(decision.Policies.Select(policy => policy.Id), Does.Contain("orders-db-owner-never-for-a-service-account"));
    }

    [TestCase("svc-billing", Description = "the conflict is with what another identity of the same person holds")]
    [TestCase("svc-reporting")]
    [TestCase("dana")]
    public void Should_separate_duties_over_everything_one_person_owns(string principal)
    {
        var approver = Decide(
            Facts.Of("ledger-db/approver", principal).Ticket(assurance: Assurance.Verified).ActorHolds("orders-db/writer")
        );
        Assert.That((approver.Outcome, approver.PolicyIds()[0]), Is.EqualTo((Outcome.Forbid, "separation-of-duties")));

        var writer = Decide(Facts.Of("orders-db/writer", principal).ActorHolds("ledger-db/approver").Approved("omar"));
        Assert.That((writer.Outcome, writer.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.Forbidden)));
        Assert.That(writer.Gates, Is.Empty);

        Assert.That(
            Decide(
                Facts.Of("ledger-db/approver", principal).Ticket(assurance: Assurance.Verified).ActorHolds("orders-db/readonly")
            ).Outcome,
            Is.EqualTo(Outcome.Permit)
        );
    }

    [Test]
    public void Should_ask_a_person_where_a_ticket_is_only_claimed()
    {
        var claimed = Decide(Facts.Of("ledger-db/approver").Ticket());
        Assert.That(
            (claimed.Outcome, claimed.Gates[0].Id),
            Is.EqualTo((Outcome.ApprovalRequired, "ledger-db-approver-needs-a-verified-ticket"))
        );

        var verified = Decide(Facts.Of("ledger-db/approver").Ticket(assurance: Assurance.Verified).For(TimeSpan.FromHours(4)));
        Assert.That((verified.Outcome, verified.Duration), Is.EqualTo((Outcome.Permit, TimeSpan.FromHours(2))));
    }

    [Test]
    public void Should_start_and_end_a_change_within_its_window()
    {
        var facts = Facts
            .Of("ledger-db/approver")
            .Ticket(assurance: Assurance.Verified)
            .Window(TimeSpan.FromHours(3), TimeSpan.FromHours(3.5));
        var decision = Decide(facts);

        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, TimeSpan.FromHours(0.5))));
        Assert.That(decision.Obligations.NotBefore, Is.EqualTo(Facts.Now + TimeSpan.FromHours(3)));
        Assert.That(decision.PolicyIds(), Is.EqualTo(new[] { "ledger-db-approver", "ledger-db-approver-within-its-change" }));
    }

    [TestCase("orders-db/readonly")]
    [TestCase("orders-db/writer")]
    [TestCase("ledger-db/approver")]
    public void Should_let_access_go_on_whatever_became_of_the_ticket(string entitlement)
    {
        foreach (var facts in new[] { Facts.Of(entitlement), Facts.Of(entitlement).Ticket("closed").For(TimeSpan.FromHours(20)) })
        {
            Assert.That(Decide(facts, DecisionPurpose.Retain).Outcome, Is.EqualTo(Outcome.Permit));
        }

        var left = Facts.Of(entitlement).With(Facts.Human("dana") with { Active = false });
        Assert.That(Decide(left, DecisionPurpose.Retain).PolicyIds(), Is.EqualTo(new[] { "no-active-owner" }));
    }

    [Test]
    public void Should_take_an_agents_access_away_with_that_of_its_human()
    {
        var agent = Facts.Of(principal: "agent-triage", requester: "agent-triage").Ticket().Verified();

        var longer = Decide(agent.OnBehalfOf("omar", TimeSpan.FromMinutes(20)));
        Assert.That((longer.Outcome, longer.Duration), Is.EqualTo((Outcome.Permit, TimeSpan.FromMinutes(20))), "never longer than omar's");

        var lost = Decide(agent.OnBehalfOf("omar", heldFor: null), DecisionPurpose.Retain);
        Assert.That((lost.Outcome, lost.PolicyIds()), Is.EqualTo((Outcome.Forbid, new[] { "delegation-beyond-the-right" })));
    }

    [Test]
    public void Should_make_an_emergency_short_loud_and_reviewed()
    {
        var decision = Decide(Facts.Of("orders-db/writer", "omar", "omar").Ticket("open").Emergency().For(TimeSpan.FromHours(2)));

        Assert.That((decision.Outcome, decision.Duration), Is.EqualTo((Outcome.Permit, TimeSpan.FromHours(1))));
        Assert.That(decision.Gates, Is.Empty, "nobody is asked");
        Assert.That(decision.Obligations.ReviewWithin, Is.EqualTo(TimeSpan.FromDays(1)));
        Assert.That(decision.Obligations.BoundToTicket);
        Assert.That(decision.Obligations.Notify, Is.EqualTo(new[] { "group:auditors", "group:dba-oncall", "owner" }));

        var others = Decide(Facts.Of("orders-db/writer", "svc-billing", "dana").Ticket("open").Emergency());
        Assert.That((others.Outcome, others.Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.NoPermit)), "dana is not on call");
    }

    [TestCase("omar", "svc-reporting", DecisionReasons.RequestNoPermit, Description = "an identity of somebody else")]
    [TestCase("svc-billing", "svc-reporting", DecisionReasons.RequestNoPermit, Description = "a sibling")]
    [TestCase("dana", "omar", DecisionReasons.RequestNoPermit, Description = "another person")]
    public void Should_not_let_anybody_ask_for_others(string requester, string principal, string reason) =>
        Assert.That(Decide(Facts.Of(principal: principal, requester: requester).Ticket()).Reasons, Is.EqualTo(new[] { reason }));

    [Test]
    public void Should_give_nothing_to_the_orphaned_or_the_inactive()
    {
        var orphan = Facts
            .Of(requester: "svc-reporting")
            .Ticket()
            .With(Facts.Nhi("svc-reporting", PrincipalKind.ServiceAccount, owner: null)) with
        {
            Actor = null,
        };
        Assert.That(Decide(orphan).Outcome, Is.EqualTo(Outcome.Forbid));

        var left = Facts.Of(requester: "svc-reporting").Ticket().With(Facts.Human("dana") with { Active = false });
        Assert.That(Decide(left).PolicyIds(), Is.EqualTo(new[] { "no-active-owner" }));

        var retired = Facts.Of().Ticket().With(Facts.Nhi("svc-reporting", PrincipalKind.ServiceAccount, "dana") with { Active = false });
        Assert.That(Decide(retired).PolicyIds(), Is.EqualTo(new[] { "inactive-grantee" }));

        var gone = Facts.Of(principal: "kim", requester: "kim").Ticket().With(Facts.Human("kim") with { Active = false });
        Assert.That(Decide(gone).PolicyIds(), Is.EqualTo(new[] { "request-by-the-inactive" }));
    }

    [Test]
    public void Should_deny_what_no_permit_names()
    {
        var facts = Facts.Of("orders-db/owner", "dana").Ticket().Approved("omar", "lee");
        Assert.That((Decide(facts).Outcome, Decide(facts).Reasons[0]), Is.EqualTo((Outcome.Forbid, DecisionReasons.NoPermit)));
    }

    private static Decision Decide(AccessFacts facts, DecisionPurpose purpose = DecisionPurpose.Issue) =>
        new DecisionEngine(TheEngine.Shared).Decide(purpose, Facts.Now, Sample, facts);
}
