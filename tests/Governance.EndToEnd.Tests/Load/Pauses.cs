namespace Governance.EndToEnd.Tests.Load;

/// <summary>Pauses between tries, each longer than the one before: whoever waits must not be the load that everybody waits for.</summary>
internal sealed class Pauses(TimeSpan first)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private TimeSpan _next = first;

    public async Task WaitAsync()
    {
        await Task.Delay(_next);
        _next = _next * 1.5 < Longest ? _next * 1.5 : Longest;
    }
}
