using System.Diagnostics;
using Governance.EndToEnd.Tests.Running;
using Npgsql;

namespace Governance.EndToEnd.Tests.Oracle;

/// <summary>One look at the target: what it showed at some moment between the two times.</summary>
internal sealed record Sighting(DateTimeOffset Before, DateTimeOffset After, IReadOnlySet<(string Account, string Privilege)> Memberships);

/// <summary>Polls the target from beginning to end.</summary>
internal sealed class TargetWatch : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);
    private readonly Suite _suite;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Sighting> _sightings = [];
    private readonly Task _running;

    private TargetWatch(Suite suite)
    {
        _suite = suite;
        _running = Task.Run(RunAsync);
    }

    public IReadOnlyList<Sighting> Sightings => _sightings;

    public static TargetWatch Start(Suite suite) => new(suite);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await using var connection = new KeptConnection(_suite.Target.Orders);
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    _sightings.Add(await connection.UseAsync(LookAsync));
                }
                catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException)
                {
                    // Again in a moment.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task<Sighting> LookAsync(NpgsqlConnection connection)
    {
        var before = DateTimeOffset.UtcNow;
        var seen = await TargetCluster.ReadAsync(connection, _suite.Catalog.Tag);
        return new Sighting(before, DateTimeOffset.UtcNow, seen);
    }
}
