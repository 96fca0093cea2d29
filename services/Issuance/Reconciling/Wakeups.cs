using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Governance.Issuance.Reconciling;

/// <summary>Lets loops sleep until there is something to do.</summary>
internal sealed class Wakeups(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Channel<bool>> _sleepers = new(StringComparer.Ordinal);

    public void Wake(string sleeper) => Sleeper(sleeper).Writer.TryWrite(true);

    /// <returns>False when nobody of that name has ever slept.</returns>
    public bool TryWake(string sleeper)
    {
        var known = _sleepers.TryGetValue(sleeper, out var channel);
        channel?.Writer.TryWrite(true);
        return known;
    }

    public void WakeAll()
    {
        foreach (var sleeper in _sleepers.Values)
        {
            sleeper.Writer.TryWrite(true);
        }
    }

    /// <summary>Returns when woken, also by a call from before, or after <paramref name="most"/>.</summary>
    public async Task SleepAsync(string sleeper, TimeSpan most, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(most, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await Sleeper(sleeper).Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Slept enough, or stopping: the caller looks at its own token.
        }
    }

    private Channel<bool> Sleeper(string name) =>
        _sleepers.GetOrAdd(
            name,
            _ => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite })
        );
}
