using static Governance.EndToEnd.Tests.Flow.FlowSuite;

namespace Governance.EndToEnd.Tests.Flow;

public sealed class When_grants_overlap
{
    [Test]
    public async Task Should_keep_access_until_the_last_one_ends()
    {
        var first = await PublishAsync(Request(Current.Catalog.Open[0], TimeSpan.FromSeconds(2)));
        var last = await PublishAsync(Request(Current.Catalog.Open[0], TimeSpan.FromSeconds(120), first.Principal));
        await StateAsync(last, "active");
        await StateAsync(first, "ended");
        Assert.That(await IsMemberAsync(last), Is.True, "the first ended, the last goes on");

        IsOk(await Api.CommandAsync(last.GrantId, "revoke", last.Principal.Owner), "revoking");
        var ended = await StateAsync(last, "ended");
        Assert.That(ended!.Text("endReason"), Is.EqualTo("revoked"));
        Assert.That(await IsMemberAsync(last), Is.False);
    }

    [Test]
    public async Task Should_end_both_when_both_are_revoked_in_the_same_instant()
    {
        var one = await PublishAsync(Request(Current.Catalog.Open[1], TimeSpan.FromSeconds(120)));
        var other = await PublishAsync(Request(Current.Catalog.Open[1], TimeSpan.FromSeconds(120), one.Principal));
        await StateAsync(one, "active");
        await StateAsync(other, "active");

        var answers = await Task.WhenAll(
            Api.CommandAsync(one.GrantId, "revoke", one.Principal.Owner),
            Api.CommandAsync(other.GrantId, "revoke", one.Principal.Owner)
        );
        foreach (var answer in answers)
        {
            Assert.That(answer.State, Is.EqualTo("revoking").Or.EqualTo("ended"), answer.ToString());
        }

        await StateAsync(one, "ended");
        await StateAsync(other, "ended");
        Assert.That(await IsMemberAsync(one), Is.False);
    }

    [Test]
    public async Task Should_end_both_when_both_expire_in_the_same_instant()
    {
        var principal = Request(Current.Catalog.Open[1], TimeSpan.FromSeconds(2)).Principal;
        var requests = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => PublishAsync(Request(Current.Catalog.Open[2], TimeSpan.FromSeconds(2), principal)))
        );
        await Task.WhenAll(requests.Select(r => StateAsync(r, "ended")));
        Assert.That(await IsMemberAsync(requests[0]), Is.False);
    }
}
