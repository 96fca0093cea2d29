using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Governance.Messaging;

/// <summary>Ends the process when the bus gave up starting.</summary>
/// <remarks>
/// Waiting for a broker that is away is no failure: the bus does that for ever. But a connection that breaks while queues are declared can
/// fault the start for good; the process would live on, not ready, and consume nothing. A new process starts afresh.
/// </remarks>
internal sealed partial class BusStartWatch(IHostApplicationLifetime lifetime, ILogger<BusStartWatch> logger) : IBusObserver
{
    private const int Failure = 70;

    public void PostCreate(IBus bus) { }

    public void CreateFaulted(Exception exception) { }

    public Task PreStart(IBus bus) => Task.CompletedTask;

    public Task PostStart(IBus bus, Task<BusReady> busReady) => Task.CompletedTask;

    public Task StartFaulted(IBus bus, Exception exception)
    {
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            StartFailed(logger, exception);
            Environment.ExitCode = Failure;
            lifetime.StopApplication();
        }

        return Task.CompletedTask;
    }

    public Task PreStop(IBus bus) => Task.CompletedTask;

    public Task PostStop(IBus bus) => Task.CompletedTask;

    public Task StopFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    [LoggerMessage(1011, LogLevel.Critical, "The bus could not be started: ending this process", EventName = "BusStartFailed")]
    private static partial void StartFailed(ILogger logger, Exception exception);
}
