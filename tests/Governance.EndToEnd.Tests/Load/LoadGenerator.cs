using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Governance.EndToEnd.Tests.Running;
using Governance.Lifecycle.Grants;
using Npgsql;

namespace Governance.EndToEnd.Tests.Load;

/// <summary>Sends requests of every kind at a steady rate, in an order that the seed fixes, and does what people would do with them.</summary>
internal sealed class LoadGenerator(Suite suite, int seed, double perSecond)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Random _random = new(seed);
    private readonly People _people = new(suite, Pause, Patience);
    private readonly ConcurrentQueue<SentRequest> _sent = new();
    private readonly List<Task> _following = [];
    private int _number;

    /// <summary>Requests that are not over yet. On a machine that is too slow for the rate, the load waits for these.</summary>
    private const int MostOpen = 30;

    public IReadOnlyList<SentRequest> Sent => [.. _sent];

    /// <summary>Sends until told to stop, then waits until everything that was begun is done.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / perSecond));
        await using var store = new KeptConnection(suite.Database("lifecycle"));
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                if (_number % 5 != 0 || await OpenAsync(store) < MostOpen)
                {
                    _following.Add(FollowAsync(Next()));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }

        await Task.WhenAll(_following);
    }

    private async Task<long> OpenAsync(KeptConnection store)
    {
        try
        {
            var over = await store.UseAsync(async connection =>
            {
                await using var command = new NpgsqlCommand(
                    $"select count(*) from lifecycle.mt_doc_grant where data ->> 'currentState' in ('{string.Join("', '", GrantState.Final)}')",
                    connection
                );
                return (long)(await command.ExecuteScalarAsync())!;
            });
            return _sent.Where(s => s.Fate != Fate.IsMalformed).Select(s => s.GrantId).Distinct().Count() - over;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            // Away: no more before it is back.
            return long.MaxValue;
        }
    }

    // Everything random is drawn here, by one thread in order: the same seed gives the same load.
    private Plan Next()
    {
        var fate = Pick();
        var catalog = suite.Catalog;
        var entitlement = fate switch
        {
            Fate.NeedsApproval or Fate.IsRejected => catalog.Gated[_random.Next(catalog.Gated.Count)],
            Fate.IsWithdrawn => _random.Next(2) == 0 ? catalog.Gated[1] : catalog.Open[_random.Next(catalog.Open.Count)],
            Fate.IsDenied => catalog.Forbidden,
            _ => catalog.Open[_random.Next(catalog.Open.Count)],
        };
        var request = new AccessRequest
        {
            Id = $"load-{seed.ToString(CultureInfo.InvariantCulture)}-{(++_number).ToString("D5", CultureInfo.InvariantCulture)}",
            Principal = catalog.Principals[_random.Next(catalog.Principals.Count)],
            Entitlement = entitlement,
            Duration = TimeSpan.FromMilliseconds(fate == Fate.IsRevoked ? 30_000 : _random.Next(1000, 6000)),
            NotBefore = fate == Fate.ExpiresLater ? DateTimeOffset.UtcNow + TimeSpan.FromSeconds(_random.Next(1, 4)) : null,
        };
        return new Plan(
            request,
            fate,
            OverHttp: _random.Next(4) == 0,
            Copies: _random.Next(8) == 0 ? 3 : 1,
            Delay: TimeSpan.FromMilliseconds(_random.Next(0, 4000))
        );
    }

    private Fate Pick() =>
        _random.Next(100) switch
        {
            < 50 => Fate.Expires,
            < 57 => Fate.ExpiresLater,
            < 67 => Fate.NeedsApproval,
            < 71 => Fate.IsRejected,
            < 76 => Fate.IsDenied,
            < 86 => Fate.IsRevoked,
            < 92 => Fate.IsWithdrawn,
            < 95 => Fate.ReusesAnId,
            _ => Fate.IsMalformed,
        };

    private async Task FollowAsync(Plan plan)
    {
        var body =
            plan.Fate == Fate.IsMalformed
                ? plan.Request.ToJson().Replace("\"duration\"", "\"until\"", StringComparison.Ordinal)
                : plan.Request.ToJson();
        // What is refused over HTTP is answered there; only the queue keeps it.
        var overHttp = plan.OverHttp && plan.Fate is not (Fate.IsMalformed or Fate.ReusesAnId);
        await SendAsync(plan.Request, plan.Fate == Fate.ReusesAnId ? Fate.Expires : plan.Fate, body, overHttp);
        var again = Enumerable
            .Range(1, plan.Copies - 1)
            .Select(i =>
                plan.Fate == Fate.IsMalformed
                    ? Task.CompletedTask
                    : SendAgainAsync(body, overHttp: i % 2 == 0, mayComeSecond: plan.Fate == Fate.ReusesAnId)
            );
        var people = plan.Fate switch
        {
            Fate.NeedsApproval => WhenAsync(plan, ["awaiting-approval"], "approve", "omar@example.com"),
            Fate.IsRejected => WhenAsync(plan, ["awaiting-approval"], "reject", "lee@example.com"),
            Fate.IsRevoked => WhenAsync(plan, ["activating", "active"], "revoke", plan.Request.Principal.Owner),
            Fate.IsWithdrawn => WhenAsync(
                plan,
                ["evaluating", "awaiting-approval", "activating", "active"],
                "withdraw",
                plan.Request.Principal.Owner
            ),
            Fate.ReusesAnId => ReuseAsync(plan),
            _ => Task.CompletedTask,
        };
        await Task.WhenAll(again.Append(people));
    }

    private async Task ReuseAsync(Plan plan)
    {
        await Task.Delay(plan.Delay);
        var other = plan.Request with { Duration = plan.Request.Duration + TimeSpan.FromSeconds(1) };
        await SendAsync(other, Fate.ReusesAnId, other.ToJson(), overHttp: false);
    }

    private async Task SendAsync(AccessRequest request, Fate fate, string body, bool overHttp)
    {
        var sent = new SentRequest(request, fate, body) { OverHttp = overHttp };
        _sent.Enqueue(sent);
        await SendAgainAsync(body, overHttp, mayComeSecond: false);
        sent.Taken = true;
    }

    /// <param name="body">What is sent.</param>
    /// <param name="overHttp">Until it is answered; else until the broker has it.</param>
    /// <param name="mayComeSecond">Whether another body under the same id may have been taken before it, so that it is refused.</param>
    private async Task SendAgainAsync(string body, bool overHttp, bool mayComeSecond)
    {
        if (!overHttp)
        {
            await suite.Publisher.PublishAsync(body, CancellationToken.None);
            return;
        }

        var pauses = new Pauses(Pause);
        while (true)
        {
            try
            {
                var answer = await suite.Api.RequestAsync(body);
                if (
                    answer.Status is HttpStatusCode.Accepted or HttpStatusCode.OK
                    || (mayComeSecond && answer.Status == HttpStatusCode.Conflict)
                )
                {
                    return;
                }

                if ((int)answer.Status < 500)
                {
                    throw new InvalidOperationException($"Intake answered {answer} to {body}");
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Intake is being started again: the same request again.
            }

            await pauses.WaitAsync();
        }
    }

    private async Task WhenAsync(Plan plan, string[] states, string verb, string actor)
    {
        await Task.Delay(plan.Delay);
        await _people.WhenAsync(plan.Request.GrantId, states, verb, actor);
    }

    private sealed record Plan(AccessRequest Request, Fate Fate, bool OverHttp, int Copies, TimeSpan Delay);
}
