using Governance.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Grants;

/// <summary>What the times are worth that other services tell, and an alert where they can't be right.</summary>
public sealed class ToldTimes(IOptions<GovernanceOptions> options, ILogger<ToldTimes> logger)
{
    /// <inheritdoc cref="AnswerWindow.Presence"/>
    public DateTimeOffset Presence(string service, AnswerWindow window, DateTimeOffset told, Guid grant) =>
        Counted(service, window, told, window.Presence(told), grant);

    /// <inheritdoc cref="AnswerWindow.Absence"/>
    public DateTimeOffset Absence(string service, AnswerWindow window, DateTimeOffset told, Guid grant) =>
        Counted(service, window, told, window.Absence(told), grant);

    /// <summary>Alerts where a time can't be right.</summary>
    public void Notice(string service, AnswerWindow window, DateTimeOffset told, DateTimeOffset counted, Guid grant)
    {
        var outside = window.Outside(told);
        if (outside.Duration() > options.Value.ClockSkewBound)
        {
            Telemetry.ClockSkew(service);
            GrantMetrics.ClocksDiffer();
            Log.ClocksDiffer(logger, service, told, Math.Round(outside.TotalSeconds, 3), counted, grant);
        }
    }

    private DateTimeOffset Counted(string service, AnswerWindow window, DateTimeOffset told, DateTimeOffset counted, Guid grant)
    {
        Notice(service, window, told, counted, grant);
        return counted;
    }
}
