using System.Net;
using Governance.EndToEnd.Tests.Running;
using Governance.Testing;
using static Governance.EndToEnd.Tests.Flow.FlowSuite;

namespace Governance.EndToEnd.Tests.Flow;

public sealed class When_access_lasts_longer_or_rests
{
    private const string Security = "kim@example.com";

    /// <summary>Asked all the time: a renewal that took away and gave again would be seen.</summary>
    [Test]
    public async Task Should_renew_without_a_gap_at_the_target()
    {
        var request = await PublishAsync(Request(Current.Catalog.Open[0], TimeSpan.FromSeconds(6)));
        var active = await StateAsync(request, "active");
        var end = End(active!);
        using var over = new CancellationTokenSource();
        var looks = LookAsync(request, over.Token);

        await Eventually.Until(
            () => RenewAsync(request),
            answer => answer.Status == HttpStatusCode.OK,
            TimeSpan.FromSeconds(10),
            "renewing, from the second half of its time on"
        );
        var renewed = await Eventually.Until(
            () => Api.GetAsync(request.GrantId),
            grant => grant is not null && End(grant) > end,
            TimeSpan.FromSeconds(10),
            "it lasts longer"
        );
        // Past the old end it is still there, at the target and on record.
        await Eventually.Until(() => Task.FromResult(DateTimeOffset.UtcNow), Is.GreaterThan(end.AddSeconds(1)));
        await over.CancelAsync();
        var (seen, absent) = await looks;
        Assert.That(absent, Is.Zero, $"absent in {absent} of {seen} looks");
        Assert.That(seen, Is.GreaterThan(20));
        Assert.That((await Api.GetAsync(request.GrantId))!.State, Is.EqualTo("active"));

        var ended = await StateAsync(request, "ended");
        Assert.That(ended!.Body.GetProperty("endedAt").GetDateTimeOffset(), Is.GreaterThanOrEqualTo(End(renewed!)));
        Assert.That(await IsMemberAsync(request), Is.False);
    }

    [Test]
    public async Task Should_take_away_and_give_back()
    {
        var request = await PublishAsync(Request(Current.Catalog.Open[1], TimeSpan.FromMinutes(5)));
        var end = End((await StateAsync(request, "active"))!);

        IsOk(await Api.CommandAsync(request.GrantId, "suspend", Security), "suspending");
        await StateAsync(request, "suspended");
        Assert.That(await IsMemberAsync(request), Is.False);
        Assert.That(await Current.Target.CanReadAsync(request.Principal.Account), Is.False);

        IsOk(await Api.CommandAsync(request.GrantId, "resume", Security), "suspended");
        var back = await StateAsync(request, "active");
        Assert.That(await Current.Target.CanReadAsync(request.Principal.Account), Is.True);
        Assert.That(End(back!), Is.EqualTo(end), "its time ran on");

        IsOk(await Api.CommandAsync(request.GrantId, "revoke", Security), "revoking");
        await StateAsync(request, "ended");
        Assert.That(await IsMemberAsync(request), Is.False);
    }

    private static Task<Answer> RenewAsync(AccessRequest request) =>
        Api.CommandAsync(
            request.GrantId,
            "renew",
            request.Principal.Owner,
            "once",
            """{"duration":"PT6S","justification":"the load is not done"}"""
        );

    private static async Task<(int Seen, int Absent)> LookAsync(AccessRequest request, CancellationToken cancellationToken)
    {
        var (seen, absent) = (0, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            seen++;
            absent += await IsMemberAsync(request) ? 0 : 1;
        }

        return (seen, absent);
    }

    private static DateTimeOffset End(Answer grant) => grant.Body.GetProperty("expiresAt").GetDateTimeOffset();
}
