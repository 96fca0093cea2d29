using Governance.EndToEnd.Tests.Running;
using Governance.Testing;

namespace Governance.EndToEnd.Tests.Clocks;

/// <summary>One service's clock is ahead or behind, or jumps while access is there: nobody has it for longer than was given.</summary>
public sealed class When_a_clock_is_wrong
{
    // The event id of MachineClockWrong.
    private const string ClockWrong = "[1901]";
    private static readonly TimeSpan Given = TimeSpan.FromSeconds(6);

    // What a busy machine needs; far from how wrong the clocks are.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private Suite _suite = null!;
    private int _requests;

    [OneTimeSetUp]
    public async Task StartAsync() =>
        _suite = await Suite.StartAsync(new SuiteShape("clocks", Replicas: 1, Principals: 24) { MovableClocks = true });

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_suite is not null)
        {
            await _suite.DisposeAsync();
        }
    }

    [TearDown]
    public void SetRight()
    {
        foreach (var replica in _suite.Replicas)
        {
            replica.Clock!.Set(TimeSpan.Zero);
        }
    }

    [Test]
    public async Task Should_give_nobody_more(
        [Values("issuance", "lifecycle", "expiry", "policy", "intake")] string service,
        [Values(600, -600)] int seconds
    )
    {
        await SetAsync(service, seconds);

        await GiveAndTakeAsync(_ => Task.CompletedTask);
    }

    [Test]
    public async Task Should_give_nobody_more_when_it_jumps_meanwhile(
        [Values("issuance", "lifecycle", "expiry")] string service,
        [Values(600, -600)] int seconds
    ) => await GiveAndTakeAsync(_ => SetAsync(service, seconds));

    [Test]
    public async Task Should_give_nobody_more_when_the_process_begins_with_it([Values("issuance", "lifecycle", "expiry")] string service)
    {
        var replica = _suite.Of(service)[0];
        var warnings = replica.Logged(ClockWrong);
        replica.Clock!.Set(TimeSpan.FromSeconds(-600));
        replica.Kill();
        await Eventually.Until(async () => replica.Logged(ClockWrong) > warnings && await replica.IsReadyAsync(), Is.True, Patience);

        await GiveAndTakeAsync(_ => Task.CompletedTask);
    }

    // The service itself says that it has seen it.
    private async Task SetAsync(string service, int seconds)
    {
        var replica = _suite.Of(service)[0];
        var warnings = replica.Logged(ClockWrong);
        replica.Clock!.Set(TimeSpan.FromSeconds(seconds));
        await Eventually.Until(() => Task.FromResult(replica.Logged(ClockWrong)), Is.GreaterThan(warnings), Patience);
    }

    private async Task GiveAndTakeAsync(Func<Answer, Task> meanwhile)
    {
        var number = Interlocked.Increment(ref _requests);
        var request = new AccessRequest
        {
            Id = "clocks-" + number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Principal = _suite.Catalog.Principals[number - 1],
            Entitlement = _suite.Catalog.Entitlements[0],
            Duration = Given,
        };
        var asked = DateTimeOffset.UtcNow;
        await _suite.Publisher.PublishAsync(request.ToJson(), CancellationToken.None);
        var active = (await Eventually.Until(() => _suite.Api.GetAsync(request.GrantId), g => g?.ActivatedAt() is not null, Patience))!;
        var heard = DateTimeOffset.UtcNow;
        await meanwhile(active);

        var ended = (await Eventually.Until(() => _suite.Api.GetAsync(request.GrantId), g => g?.State == "ended", Patience))!;

        var end = active.ActivatedAt()!.Value + Given;
        Assert.Multiple(() =>
        {
            Assert.That(active.ActivatedAt(), Is.InRange(Moments.Truncate(asked), heard));
            Assert.That(active.Body.GetProperty("expiresAt").GetDateTimeOffset(), Is.EqualTo(end));
            Assert.That(ended.Body.GetProperty("endedAt").GetDateTimeOffset(), Is.InRange(end, DateTimeOffset.UtcNow));
            Assert.That(ended.Text("endReason"), Is.EqualTo("expired"));
        });
        await using var connection = await TargetCluster.OpenAsync(_suite.Target.Orders);
        Assert.That(
            (await TargetCluster.ReadAsync(connection, _suite.Catalog.Tag)).Select(m => m.Account),
            Has.None.EqualTo(request.Principal.Account)
        );
    }
}

internal static class Times
{
    public static DateTimeOffset? ActivatedAt(this Answer grant) =>
        grant.Body.TryGetProperty("activatedAt", out var at) && at.ValueKind == System.Text.Json.JsonValueKind.String
            ? at.GetDateTimeOffset()
            : null;
}
