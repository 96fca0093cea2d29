using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;

namespace Governance.Cedar.Tests;

/// <summary>What no decision asks: who may review, and whether somebody who left may approve, whom the engine doesn't count anyway.</summary>
public sealed class When_the_sample_policies_are_asked_who_may
{
    public static readonly string[] Policies =
    [
        "approve-by-the-inactive",
        "review-as-the-owner",
        "review-as-an-auditor",
        "review-of-ones-own-access",
        "review-by-the-inactive",
    ];

    [TestCase("kim", "svc-reporting", "review-as-the-owner", Description = "owns the entitlement")]
    [TestCase("lee", "svc-reporting", "review-as-an-auditor")]
    public void Should_let_the_owner_and_auditors_review(string reviewer, string grantee, string policy)
    {
        var answer = Ask(reviewer, grantee, Facts.Human("lee", "auditors"));

        Assert.That((answer.Decision, answer.DeterminingPolicies), Is.EqualTo((CedarDecision.Allow, new[] { policy })));
    }

    [Test]
    public void Should_let_nobody_else_review()
    {
        var answer = Ask("omar", "svc-reporting");

        Assert.That((answer.Decision, answer.DeterminingPolicies.Count), Is.EqualTo((CedarDecision.Deny, 0)));
    }

    [TestCase("kim")]
    [TestCase("svc-kim", Description = "an own identity")]
    public void Should_let_nobody_review_their_own_access(string grantee)
    {
        var answer = Ask("kim", grantee, Facts.Nhi("svc-kim", PrincipalKind.ServiceAccount, "kim"));

        Assert.That((answer.Decision, answer.DeterminingPolicies), Is.EqualTo((CedarDecision.Deny, new[] { "review-of-ones-own-access" })));
    }

    [Test]
    public void Should_let_nobody_review_who_has_left()
    {
        var answer = Ask("kim", "svc-reporting", Facts.Human("kim") with { Active = false });

        Assert.That((answer.Decision, answer.DeterminingPolicies), Is.EqualTo((CedarDecision.Deny, new[] { "review-by-the-inactive" })));
    }

    [TestCase(true, CedarDecision.Allow, "approve-as-dba-on-call")]
    [TestCase(false, CedarDecision.Deny, "approve-by-the-inactive")]
    public void Should_let_nobody_approve_who_has_left(bool active, CedarDecision decision, string policy)
    {
        var known = new KnownFacts(Facts.Of().With(Facts.Human("omar", "dba-oncall") with { Active = active }).Approved("omar"), Facts.Now);
        var answer = Ask(
            known,
            "omar",
            "approve",
            CedarUids.Request(known.Facts.Request.Grant),
            ContextDocument.ForApproving(known.Facts.Approvals[0], Facts.Now)
        );

        Assert.That((answer.Decision, answer.DeterminingPolicies), Is.EqualTo((decision, new[] { policy })));
    }

    private static CedarAnswer Ask(string reviewer, string grantee, params PrincipalFacts[] principals)
    {
        var known = new KnownFacts(Facts.Of().With(principals), Facts.Now);
        var context = CedarJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteTime("now", Facts.Now);
            ContextDocument.WriteParty(writer, "for", known.Principal(grantee, "grantee"));
            writer.WriteEndObject();
        });
        return Ask(known, reviewer, "review", CedarUids.Entitlement(known.Entitlement.Id), context);
    }

    private static CedarAnswer Ask(KnownFacts known, string human, string action, CedarUid resource, string context)
    {
        var answer = TheEngine.Shared.Authorize(
            SamplePolicies.Bundle.For(action, gates: true),
            new CedarRequest(
                CedarUids.Human(human),
                CedarUids.Action(action),
                resource,
                context,
                EntityDocument.Write(known, EntityReach.Of(known, CedarUids.Human(human), resource, SamplePolicies.Bundle.Named))
            )
        );
        Assert.That(answer.Errors, Is.Empty);
        return answer;
    }
}
