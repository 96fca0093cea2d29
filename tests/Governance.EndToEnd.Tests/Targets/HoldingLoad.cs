using System.Collections.Concurrent;
using System.Globalization;
using Governance.EndToEnd.Tests.Load;
using Governance.EndToEnd.Tests.Running;
using Governance.Lifecycle.Grants;
using Governance.Testing;
using Npgsql;

namespace Governance.EndToEnd.Tests.Targets;

/// <summary>
/// Asks for each privilege of each target for each principal, in an order that the seed fixes, and then for some of them once more, so that
/// grants overlap; and does what people would do with them.
/// </summary>
internal sealed class HoldingLoad(Suite suite, CredentialRecipient recipient, int seed) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan Long = TimeSpan.FromHours(2);

    /// <summary>Requests and grants at once that are under way. On a machine that is too slow, the load waits for these.</summary>
    private const int MostUnderWay = 30;

    private const int PerSecond = 12;

    /// <summary>Requests for what was asked for before.</summary>
    private const int Again = 20;

    private const string Security = "kim@example.com";
    private readonly Random _random = new(seed);
    private readonly People _people = new(suite, Pause, Patience);
    private readonly ConcurrentQueue<HeldRequest> _sent = new();
    private readonly List<Task> _following = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly KeptConnection _store = new(suite.Database("lifecycle"));

    public IReadOnlyList<HeldRequest> Sent => [.. _sent];

    /// <summary>Completes when there was a grant of each holding, and some were asked for again.</summary>
    public Task Done => _done.Task;

    /// <summary>Sends until told to stop, then waits until people have done what they wanted.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
        try
        {
            var waiting = new Queue<Place>(InOrder());
            var last = false;
            for (var number = 0; ; number++)
            {
                await timer.WaitForNextTickAsync(stop);
                while (number % 3 == 0 && await UnderWayAsync() > MostUnderWay)
                {
                    await Task.Delay(Pause, stop);
                }

                if (waiting.Count == 0)
                {
                    if (last)
                    {
                        _done.TrySetResult();
                    }

                    var missing = await MissingAsync();
                    last = missing.Count == 0;
                    waiting = new(last ? InOrder().Take(Again) : missing);
                }

                _following.Add(FollowAsync(Next(number, waiting.Dequeue()), TimeSpan.FromMilliseconds(_random.Next(0, 4000))));
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }

        await Task.WhenAll(_following);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    // Principals take turns: what is decided at once about one of them is decided again.
    private IEnumerable<Place> InOrder()
    {
        var catalog = suite.Catalog;
        var all = catalog.Targets.SelectMany(t => t.Entitlements.Select(e => (Target: t, Entitlement: e))).ToArray();
        var places = new List<Place>();
        foreach (var principal in catalog.Principals)
        {
            _random.Shuffle(all);
            places.AddRange(all.Select(one => new Place(principal, one.Target, one.Entitlement)));
        }

        return places.Index().OrderBy(p => p.Index % all.Length).Select(p => p.Item);
    }

    /// <summary>What was denied in trouble.</summary>
    private async Task<IReadOnlyList<Place>> MissingAsync()
    {
        var granted = (await ReadAsync("data ->> 'currentState' not in ('Evaluating', 'Denied')")).ToHashSet();
        return [.. InOrder().Where(p => !granted.Contains((p.Principal.Id, p.Entitlement.Id)))];
    }

    private async Task<long> UnderWayAsync() =>
        _sent.Count
        - (await ReadAsync($"data ->> 'currentState' in ('Active', 'Suspended', '{string.Join("', '", GrantState.Final)}')")).Count;

    private async Task<IReadOnlyList<(string Principal, string Entitlement)>> ReadAsync(string condition)
    {
        while (true)
        {
            try
            {
                return await _store.UseAsync(async connection =>
                {
                    await using var command = new NpgsqlCommand(
                        $"select data ->> 'principal', data ->> 'entitlement' from lifecycle.mt_doc_grant where {condition}",
                        connection
                    );
                    await using var reader = await command.ExecuteReaderAsync();
                    var found = new List<(string, string)>();
                    while (await reader.ReadAsync())
                    {
                        found.Add((reader.GetString(0), reader.GetString(1)));
                    }

                    return found;
                });
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
            {
                await Task.Delay(Pause);
            }
        }
    }

    private HeldRequest Next(int number, Place place)
    {
        var course = Pick();
        return new HeldRequest(
            new AccessRequest
            {
                Id = $"holding-{seed.ToString(CultureInfo.InvariantCulture)}-{number.ToString("D5", CultureInfo.InvariantCulture)}",
                Principal = place.Principal,
                Entitlement = place.Entitlement,
                Duration = course switch
                {
                    Course.Expires => TimeSpan.FromMilliseconds(_random.Next(3000, 12000)),
                    Course.IsRenewed => TimeSpan.FromMilliseconds(_random.Next(8000, 16000)),
                    _ => Long,
                },
                RecipientKey = place.Target.HasAccountPerGrant ? recipient.Jwk : null,
            },
            place.Target,
            course
        );
    }

    private Course Pick() =>
        _random.Next(100) switch
        {
            < 30 => Course.Expires,
            < 45 => Course.IsRenewed,
            < 65 => Course.IsRevoked,
            < 70 => Course.Rests,
            < 78 => Course.Resumes,
            _ => Course.Lasts,
        };

    private async Task FollowAsync(HeldRequest held, TimeSpan delay)
    {
        var (grant, owner) = (held.Request.GrantId, held.Request.Principal.Owner);
        _sent.Enqueue(held);
        await suite.Publisher.PublishAsync(held.Request.ToJson(), CancellationToken.None);
        await Task.Delay(delay);
        switch (held.Course)
        {
            case Course.IsRenewed:
                await RenewAsync(grant, owner);
                break;
            case Course.IsRevoked:
                await _people.WhenAsync(grant, ["activating", "active"], "revoke", owner);
                break;
            case Course.Rests:
                await _people.WhenAsync(grant, ["active"], "suspend", Security);
                break;
            case Course.Resumes:
                await _people.WhenAsync(grant, ["active"], "suspend", Security);
                await _people.WhenAsync(grant, ["suspended"], "resume", Security);
                break;
        }
    }

    private async Task RenewAsync(Guid grant, string owner)
    {
        while (true)
        {
            var now = await _people.LookAsync(grant);
            if (now?.State is "ended" or "denied")
            {
                return;
            }

            if (now?.State == "active" && HalfOver(now) is { } wait)
            {
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
                await _people.WhenAsync(grant, ["active"], "renew", owner, """{"duration":"PT8S","justification":"it is not done"}""");
                return;
            }

            await Task.Delay(Pause);
        }
    }

    // Sooner it is refused.
    private static TimeSpan? HalfOver(Answer grant)
    {
        var (begin, end) = (
            grant.Body.GetProperty("activatedAt").GetDateTimeOffset(),
            grant.Body.GetProperty("expiresAt").GetDateTimeOffset()
        );
        return begin + ((end - begin) / 2) + TimeSpan.FromMilliseconds(100) - DateTimeOffset.UtcNow;
    }

    private sealed record Place(LoadPrincipal Principal, SuiteTarget Target, LoadEntitlement Entitlement);
}
