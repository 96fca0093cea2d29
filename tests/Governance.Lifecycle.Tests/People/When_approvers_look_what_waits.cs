using System.Net;
using Governance.Contracts.Decisions;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.People;

public sealed class When_approvers_look_what_waits : WorldFixture
{
    private Actor _actor = null!;
    private Guid _grant;

    [SetUp]
    public async Task WaitForApprovalAsync()
    {
        _actor = TestCatalog.NextActor();
        var request = Requests.Of(_actor, TestCatalog.Writer) with { Requester = TestCatalog.Omar };
        _grant = request.GrantId;
        await World.SendAsync(request);
        await World.SendAsync(Answers.Of(await Peers.QuestionAsync(_grant), Outcome.ApprovalRequired));
    }

    [TestCase("lee@example.com", true)]
    [TestCase("omar@example.com", false, Description = "asked for it")]
    [TestCase("kim@example.com", false, Description = "is in no group that is asked")]
    [TestCase("svc-reporting", false, Description = "is no human")]
    public async Task Should_show_to_each_what_they_can_vote_for(string who, bool shown)
    {
        Assert.That(await IdsAsync("/v1/approvals?mine", who), shown ? Does.Contain(_grant) : Does.Not.Contain(_grant));
        Assert.That(await IdsAsync("/v1/approvals", null), Does.Contain(_grant), "all that waits");
    }

    [Test]
    public async Task Should_show_what_is_decided_on()
    {
        var (_, body) = await World.GetAsync("/v1/approvals?mine", "lee@example.com");

        var pending = body["approvals"]!.AsArray().Single(a => (Guid)a!["id"]! == _grant)!;
        Assert.That((string?)pending["principal"], Is.EqualTo(_actor.First));
        Assert.That((string?)pending["entitlement"], Is.EqualTo(TestCatalog.Writer));
        Assert.That((string?)pending["requester"], Is.EqualTo("omar@example.com"));
        Assert.That((string?)pending["gates"]![0]!["requirement"], Is.EqualTo("1 of group:dba-oncall"));
        Assert.That((string?)pending["until"], Is.Not.Null);
        Assert.That((string?)pending["place"]!["privilege"], Is.EqualTo("orders_writer"), "what a vote is for");
        var (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That(
            view["approvers"]![0]!["people"]!.AsArray().Select(p => (string?)p),
            Is.EqualTo(new[] { "lee@example.com" }),
            "who asked is not"
        );
    }

    [Test]
    public async Task Should_not_show_what_they_have_voted_for()
    {
        await World.CommandAsync(_grant, "approve", "lee@example.com");

        Assert.That(await IdsAsync("/v1/approvals?mine", "lee@example.com"), Does.Not.Contain(_grant));
    }

    [Test]
    public async Task Should_ask_who_they_are() =>
        Assert.That((await World.GetAsync("/v1/approvals?mine")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));

    [Test]
    public async Task Should_let_them_shorten_and_not_lengthen()
    {
        var (status, problem) = await World.CommandAsync(_grant, "approve", "lee@example.com", body: new { duration = "PT1H1S" });
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.BadRequest, "duration-too-long")));

        (status, var view) = await World.CommandAsync(_grant, "approve", "lee@example.com", body: new { duration = "PT10M" });

        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((string?)view["approvals"]![0]!["duration"], Is.EqualTo("PT10M"));
        var facts = Answers.FactsOf(await Peers.QuestionAsync(_grant, 2));
        Assert.That(facts.Approvals.Single().Duration, Is.EqualTo(TimeSpan.FromMinutes(10)));
    }

    [Test]
    public async Task Should_tell_on_the_grant_why_a_vote_did_not_count()
    {
        await World.CommandAsync(_grant, "approve", "lee@example.com");
        var question = await Peers.QuestionAsync(_grant, 2);
        var vote = Answers.FactsOf(question).Approvals.Single();

        await World.SendAsync(
            Answers.Of(
                question,
                Outcome.ApprovalRequired,
                d => d with { Uncounted = [new UncountedApproval(vote.Id, vote.Approver, "policy")] }
            )
        );

        var (_, view) = await World.GetAsync($"/v1/grants/{_grant}");
        Assert.That((string?)view["decision"]!["uncounted"]![0]!["code"], Is.EqualTo("policy"));
        Assert.That((string?)view["decision"]!["uncounted"]![0]!["approver"], Is.EqualTo("lee@example.com"));
    }

    private async Task<IEnumerable<Guid>> IdsAsync(string path, string? who) =>
        (await World.GetAsync(path, who)).Body["approvals"]!.AsArray().Select(a => (Guid)a!["id"]!);
}
