using Governance.Cedar.Bundles;
using Governance.Voting;

namespace Governance.Cedar.Tests;

public sealed class When_a_requirement_is_read
{
    [Test]
    public void Should_know_each_kind_of_approver()
    {
        Assert.That(ApprovalRequirement.TryParse("2 of group:dba-oncall and 1 of owner and 1 of user:0a1b", out var requirement, out _));
        Assert.That(
            requirement!.Terms,
            Is.EqualTo(
                new[]
                {
                    new ApprovalTerm(2, new Approvers(ApproverKind.Group, "dba-oncall")),
                    new ApprovalTerm(1, new Approvers(ApproverKind.Owner, "")),
                    new ApprovalTerm(1, new Approvers(ApproverKind.User, "0a1b")),
                }
            )
        );
        Assert.That(string.Join(" and ", requirement.Terms.Select(term => $"{term.Count} of {term.From}")), Is.EqualTo(requirement.Text));
    }

    [TestCase("")]
    [TestCase("owner")]
    [TestCase("0 of owner")]
    [TestCase("10 of group:a")]
    [TestCase("-1 of group:a")]
    [TestCase("01 of group:a")]
    [TestCase("1 of  owner")]
    [TestCase(" 1 of owner")]
    [TestCase("1 of owner ")]
    [TestCase("1 of owner\n")]
    [TestCase("1 of Owner")]
    [TestCase("1 of group:")]
    [TestCase("1 of group:a b")]
    [TestCase("1 of user:")]
    [TestCase("1 of team:a")]
    [TestCase("1 of group:a or 1 of group:b")]
    [TestCase("1 of group:a and ")]
    [TestCase("1 of group:a and owner")]
    [TestCase("1 of group:a, 1 of owner")]
    [TestCase("١ of owner")]
    [TestCase("2 of owner", Description = "one person can't fill two places")]
    [TestCase("2 of user:a", Description = "one person can't fill two places")]
    [TestCase("1 of group:a and 1 of group:a", Description = "one number says it")]
    [TestCase("1 of owner and 1 of owner")]
    public void Should_refuse_everything_else(string text)
    {
        Assert.That(ApprovalRequirement.TryParse(text, out var requirement, out var fault), Is.False);
        Assert.That(requirement, Is.Null);
        Assert.That(fault, Is.Not.Empty);
    }
}
