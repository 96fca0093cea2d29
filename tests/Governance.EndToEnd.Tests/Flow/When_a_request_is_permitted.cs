using System.Net;
using Governance.EndToEnd.Tests.Running;
using Governance.Testing;
using static Governance.EndToEnd.Tests.Flow.FlowSuite;

namespace Governance.EndToEnd.Tests.Flow;

public sealed class When_a_request_is_permitted
{
    [Test]
    public async Task Should_give_access_and_take_it_away_on_time()
    {
        var request = Request(Current.Catalog.Open[0], TimeSpan.FromSeconds(4));
        Assert.That(await Current.Target.CanReadAsync(request.Principal.Account), Is.False);
        await PublishAsync(request);
        var active = await StateAsync(request, "active");
        Assert.That(await Current.Target.CanReadAsync(request.Principal.Account), Is.True);
        Assert.That(
            active!.Body.GetProperty("expiresAt").GetDateTimeOffset() - active.Body.GetProperty("activatedAt").GetDateTimeOffset(),
            Is.EqualTo(TimeSpan.FromSeconds(4))
        );

        var ended = await StateAsync(request, "ended");
        Assert.That(await Current.Target.CanReadAsync(request.Principal.Account), Is.False);
        Assert.Multiple(() =>
        {
            Assert.That(ended!.Text("endReason"), Is.EqualTo("expired"));
            Assert.That(ended.Body.GetProperty("holding").GetProperty("desired").GetString(), Is.EqualTo("absent"));
            Assert.That(ended.Body.GetProperty("holding").GetProperty("observed").GetString(), Is.EqualTo("absent"));
            Assert.That(
                ended.Body.GetProperty("endedAt").GetDateTimeOffset(),
                Is.GreaterThanOrEqualTo(active.Body.GetProperty("expiresAt").GetDateTimeOffset())
            );
        });
    }

    [Test]
    public async Task Should_make_one_grant_of_the_same_request_five_times_at_once()
    {
        var request = Request(Current.Catalog.Open[1], TimeSpan.FromSeconds(2));
        var published = Enumerable.Range(0, 5).Select(_ => PublishAsync(request));
        var posted = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Api.RequestAsync(request.ToJson())));
        await Task.WhenAll(published);
        await StateAsync(request, "ended");

        var history = (await Api.HistoryAsync(request.GrantId))
            .Body.GetProperty("events")
            .EnumerateArray()
            .Select(e => e.GetProperty("type").GetString())
            .ToList();
        var list = await new HttpClient().GetStringAsync(
            new Uri(Current.Of("lifecycle")[0].Address, $"/v1/grants?principal={request.Principal.Id}")
        );
        Assert.Multiple(() =>
        {
            Assert.That(posted.Select(p => p.Status), Is.All.EqualTo(HttpStatusCode.OK).Or.EqualTo(HttpStatusCode.Accepted));
            Assert.That(posted.Select(p => p.Text("id")), Is.All.EqualTo(request.GrantId.ToString()));
            Assert.That(posted.Count(p => p.Status == HttpStatusCode.Accepted), Is.LessThanOrEqualTo(1), "only one of them was new");
            Assert.That(history.Count(t => t == "grant-requested.v1"), Is.EqualTo(1));
            Assert.That(history.Count(t => t == "activation-started.v1"), Is.EqualTo(1));
            Assert.That(System.Text.Json.JsonDocument.Parse(list).RootElement.GetProperty("grants").GetArrayLength(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_wait_for_a_start_in_the_future()
    {
        var start = DateTimeOffset.UtcNow + TimeSpan.FromSeconds(3);
        var request = await PublishAsync(Request(Current.Catalog.Open[0], TimeSpan.FromSeconds(1)) with { NotBefore = start });
        await StateAsync(request, "scheduled");
        Assert.That(await IsMemberAsync(request), Is.False);
        var ended = await StateAsync(request, "ended");
        Assert.That(ended!.Body.GetProperty("activatedAt").GetDateTimeOffset(), Is.GreaterThanOrEqualTo(Moments.Truncate(start)));
    }

    [Test]
    public async Task Should_carry_the_senders_trace_through_every_service()
    {
        var trace = Guid.NewGuid().ToString("N");
        var request = Request(Current.Catalog.Open[2], TimeSpan.FromSeconds(1));
        await Current.Publisher.PublishAsync(request.ToJson(), CancellationToken.None, $"00-{trace}-00f067aa0ba902b7-01");
        await StateAsync(request, "ended");

        await Eventually.Until(
            () => Task.FromResult(Spans.ServicesOf(trace)),
            Is.EquivalentTo(new[] { "intake", "lifecycle", "policy", "issuance", "expiry" })
        );
        var decisions = (await DecisionLog.ReadAsync(Current.BusUrl)).Where(d => d.Subject == request.GrantId.ToString()).ToList();
        Assert.That(decisions.Select(d => d.TraceParent), Is.Not.Empty.And.All.Contains(trace));
    }
}
