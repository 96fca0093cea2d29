using System.Threading.Channels;

namespace Governance.Expiry.Firing;

/// <summary>Wakes the firing loop before its time. Several signals before a wait are one.</summary>
internal sealed class Wakeups(TimeProvider clock)
{
    public const string Channel = "governance_expiry";

    private readonly Channel<bool> _signals = System.Threading.Channels.Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }
    );

    public void Signal() => _signals.Writer.TryWrite(true);

    /// <summary>Returns at the next signal, or after the given time.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            await _signals.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is up.
        }
    }
}
