using System.Net;
using static Governance.EndToEnd.Tests.Flow.FlowSuite;

namespace Governance.EndToEnd.Tests.Flow;

public sealed class When_an_approval_is_needed
{
    [Test]
    public async Task Should_give_access_after_one_approval_that_counts_once()
    {
        var request = await PublishAsync(Request(Current.Catalog.Gated[1], TimeSpan.FromSeconds(2)));
        await StateAsync(request, "awaiting-approval");
        Assert.That(await IsMemberAsync(request), Is.False);

        var first = await Api.CommandAsync(request.GrantId, "approve", "omar@example.com", "key-1");
        var again = await Api.CommandAsync(request.GrantId, "approve", "omar@example.com", "key-1");
        Assert.That(first.Status, Is.EqualTo(HttpStatusCode.OK), first.ToString());
        Assert.That(again.Status, Is.EqualTo(HttpStatusCode.OK), again.ToString());
        await StateAsync(request, "ended");
        var approvals = (await Api.GetAsync(request.GrantId))!.Body.GetProperty("approvals");
        Assert.That(approvals.GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_refuse_an_approver_who_is_the_requester()
    {
        var request = await PublishAsync(Request(Current.Catalog.Gated[1], TimeSpan.FromSeconds(2)));
        await StateAsync(request, "awaiting-approval");
        var answer = await Api.CommandAsync(request.GrantId, "approve", request.Principal.Owner);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Forbidden), answer.ToString());
        Assert.That((await Api.GetAsync(request.GrantId))!.State, Is.EqualTo("awaiting-approval"));

        IsOk(await Api.CommandAsync(request.GrantId, "withdraw", request.Principal.Owner), "withdrawn");
        var late = await Api.CommandAsync(request.GrantId, "approve", "omar@example.com");
        Assert.That(late.Status, Is.EqualTo(HttpStatusCode.Conflict), late.ToString());
    }

    [Test]
    public async Task Should_end_when_an_approver_rejects()
    {
        var request = await PublishAsync(Request(Current.Catalog.Gated[1], TimeSpan.FromSeconds(2)));
        await StateAsync(request, "awaiting-approval");
        IsOk(await Api.CommandAsync(request.GrantId, "reject", "lee@example.com"), "rejected");
    }
}
