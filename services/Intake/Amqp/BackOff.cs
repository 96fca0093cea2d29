namespace Governance.Intake.Amqp;

/// <summary>Pauses that grow from a quarter of a second to five, with jitter.</summary>
internal sealed class BackOff(TimeProvider clock)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public int Attempts { get; private set; }

    public TimeSpan Next { get; private set; } = TimeSpan.FromMilliseconds(250);

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        Attempts++;
        await Task.Delay(Next * (0.75 + (Random.Shared.NextDouble() / 2)), clock, cancellationToken);
        Next = Next * 2 < Longest ? Next * 2 : Longest;
    }
}
