using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Governance.ServiceDefaults.Logging;

/// <summary>Says from time to time that an outage goes on, and that it is over.</summary>
internal sealed partial class OutageReporter(OutageLines lines, TimeProvider clock, ILogger<OutageReporter> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            foreach (var report in lines.Due())
            {
                var seconds = Math.Round(report.Lasted.TotalSeconds, 1);
                if (report.Over)
                {
                    Over(logger, report.What, seconds, report.LeftOut);
                }
                else
                {
                    GoesOn(logger, report.What, seconds, report.LeftOut, report.Cause);
                }
            }
        }
    }

    [LoggerMessage(
        1902,
        LogLevel.Warning,
        "The {What} is away for {Seconds} s now; lines left out since the last: {LeftOut}; the last cause: {Cause}",
        EventName = "OutageGoesOn"
    )]
    private static partial void GoesOn(ILogger logger, string what, double seconds, string leftOut, string cause);

    [LoggerMessage(
        1903,
        LogLevel.Information,
        "Nothing more of the {What} being away, which was said for {Seconds} s; lines left out since the last: {LeftOut}",
        EventName = "OutageOver"
    )]
    private static partial void Over(ILogger logger, string what, double seconds, string leftOut);
}
