using System.Diagnostics.Metrics;
using System.Text.Json;
using Governance.ServiceDefaults;

namespace Governance.Lifecycle.Grants;

/// <summary>Figures of what was committed: counted after the commit, from the events themselves.</summary>
internal static class GrantMetrics
{
    private static readonly Counter<long> Requests = Telemetry.Meter.CreateCounter<long>(
        "governance.requests",
        "{request}",
        "Requests taken in."
    );
    private static readonly Counter<long> Decisions = Telemetry.Meter.CreateCounter<long>(
        "governance.decisions",
        "{decision}",
        "Decisions recorded, by outcome."
    );
    private static readonly Counter<long> Ended = Telemetry.Meter.CreateCounter<long>(
        "governance.grants.ended",
        "{grant}",
        "Grants that ended, read back, by reason."
    );
    private static readonly Counter<long> Alerts = Telemetry.Meter.CreateCounter<long>(
        "governance.alerts",
        "{alert}",
        "What somebody should look at, by kind."
    );
    private static readonly Histogram<double> Activation = Telemetry.Meter.CreateHistogram<double>(
        "governance.activation.duration",
        "s",
        "From the request's arrival to its access read back."
    );
    private static readonly Histogram<double> Effective = Waiting(
        "governance.decision.to.effective",
        "From the recorded permit to its access read back."
    );
    private static readonly Histogram<double> Lateness = Waiting(
        "governance.expiry.to.gone",
        "From the end of the time granted to absence read back."
    );
    private static readonly Histogram<double> Revoked = Waiting(
        "governance.revoke.to.gone",
        "From the recorded revocation to absence read back, by reason."
    );
    private static readonly Histogram<double> Suspended = Waiting(
        "governance.suspend.to.gone",
        "From the recorded suspension to absence read back."
    );

    private static readonly Histogram<double> Revocation = Telemetry.Meter.CreateHistogram<double>(
        "governance.revocation.duration",
        "s",
        "From an operator's order to the last of its grants being over."
    );
    private static readonly Gauge<int> Left = Telemetry.Meter.CreateGauge<int>(
        "governance.revocation.left",
        "{grant}",
        "Grants of operators' orders that are not over yet."
    );

    /// <summary>A sweep waits for an operator's word.</summary>
    public static void SweepHeld() => Alerts.Add(1, Tag("alert", "mass-revocation-held"));

    /// <summary>A ticket is in a state of which nobody knows what it means.</summary>
    public static void TicketStateUnknown() => Alerts.Add(1, Tag("alert", "ticket-state-unknown"));

    /// <summary>An operator ordered access away.</summary>
    public static void RevocationOrdered() => Alerts.Add(1, Tag("alert", "kill-switch"));

    /// <summary>How many grants of all open orders are not over.</summary>
    public static void RevocationsLeft(int grants) => Left.Record(grants);

    /// <summary>All grants of an order are over.</summary>
    public static void RevocationFinished(TimeSpan after) => Revocation.Record(after.TotalSeconds);

    /// <summary>Issuance ended access that was over and that nobody had ended.</summary>
    public static void EndedByIssuance() => Alerts.Add(1, Tag("alert", "ended-by-issuance"));

    /// <summary>Access that should be there was taken away at the target.</summary>
    public static void HoldingMissing() => Alerts.Add(1, Tag("alert", "taken-away-at-target"));

    /// <summary>Access ended that is still there in effect by another path.</summary>
    public static void StillEffective() => Alerts.Add(1, Tag("alert", "still-effective"));

    /// <summary>Another service told a time that can't be right.</summary>
    public static void ClocksDiffer() => Alerts.Add(1, Tag("alert", "clocks-differ"));

    public static void Committed(Grant grant, object happened)
    {
        switch (happened)
        {
            case Tickets.TicketStateUnknown:
                TicketStateUnknown();
                break;
            case GrantRequested:
                Requests.Add(1);
                break;
            case DecisionRecorded e:
                Decisions.Add(1, Tag("outcome", JsonNamingPolicy.KebabCaseLower.ConvertName(e.Decision.Outcome.ToString())));
                break;
            case ReviewMissed:
                Alerts.Add(1, Tag("alert", "review-missed"));
                break;
            case RetentionFailed:
                Alerts.Add(1, Tag("alert", "retention-failed"));
                break;
            case ActivationStarted when grant.Emergency:
                Alerts.Add(1, Tag("alert", "break-glass"));
                break;
            case GrantActivated e:
                Activation.Record((e.ActivatedAt - grant.RequestedAt).TotalSeconds);
                Record(Effective, grant.Decision?.At, e.ActivatedAt);
                break;
            case GrantEnded e:
                Ended.Add(1, Tag("reason", e.Reason));
                if (e.Reason == EndReason.Expired)
                {
                    Record(Lateness, grant.ExpiresAt, e.ObservedAt);
                }
                else
                {
                    Record(Revoked, grant.RevocationStartedAt, e.ObservedAt, Tag("reason", e.Reason));
                }

                break;
            case GrantSuspended e:
                Record(Suspended, grant.Suspension?.StartedAt, e.ObservedAt);
                break;
            case RevocationAttemptFailed or SuspensionAttemptFailed:
                Alerts.Add(1, Tag("alert", "revoke-failed"));
                break;
            case ActivationAttemptFailed:
                Alerts.Add(1, Tag("alert", "activation-failing"));
                break;
            case EvaluationFaulted:
                Alerts.Add(1, Tag("alert", "evaluation-faulted"));
                break;
            case GrantRedriven or EvaluationStarted { Cause: EvaluationCause.Redrive }:
                Alerts.Add(1, Tag("alert", "redriven"));
                break;
            case GrantDenied e when e.Reasons.Contains("contention", StringComparer.Ordinal):
            case RenewalRefused r when r.Reasons.Contains("contention", StringComparer.Ordinal):
            case ResumptionRefused s when s.Reasons.Contains("contention", StringComparer.Ordinal):
                Alerts.Add(1, Tag("alert", "contention"));
                break;
        }
    }

    // The clocks of two services may differ by more than it took.
    private static void Record(
        Histogram<double> histogram,
        DateTimeOffset? from,
        DateTimeOffset readBackAt,
        params ReadOnlySpan<KeyValuePair<string, object?>> tags
    )
    {
        if (from is { } start)
        {
            histogram.Record(Math.Max(0, (readBackAt - start).TotalSeconds), tags);
        }
    }

    // With the objectives' own bounds among them, the share that missed one can be read from the buckets.
    private static Histogram<double> Waiting(string name, string description) =>
        Telemetry.Meter.CreateHistogram<double>(
            name,
            "s",
            description,
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
            }
        );

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
