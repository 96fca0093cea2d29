using JasperFx;
using JasperFx.Events.Daemon;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Governance.EventStore.Relay;

/// <summary>Lets the daemon start agents afresh that ended for good.</summary>
/// <remarks>
/// When a lead is lost without notice, two processes lead for a moment. The agent whose progress the other has overtaken ends, and the daemon
/// keeps it on its list: should the process win the lock again, nobody would work although somebody leads.
/// </remarks>
internal sealed class DeadAgents(
    IProjectionCoordinator coordinator,
    EventStoreIdentity identity,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<DeadAgents> logger
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // The daemon stops before this does, and asking for it then would make another.
            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                return;
            }

            var daemon = coordinator.DaemonForMainDatabase();
            foreach (var agent in daemon.CurrentAgents().Where(a => a.Status == AgentStatus.Stopped))
            {
                Log.AgentDead(logger, identity.Schema, agent.Name.Name, agent.Position);
                daemon.EjectPausedShard(agent.Name.Identity);
            }
        }
    }
}
