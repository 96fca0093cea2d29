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
        NpgsqlConnection? connection = null;
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    connection ??= await TargetCluster.OpenAsync(_suite.Target.Orders);
                    var before = DateTimeOffset.UtcNow;
                    var seen = await TargetCluster.ReadAsync(connection, _suite.Catalog.Tag);
                    _sightings.Add(new Sighting(before, DateTimeOffset.UtcNow, seen));
                }
                catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException)
                {
                    await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
                    connection = null;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
