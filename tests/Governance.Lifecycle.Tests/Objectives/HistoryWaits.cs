using System.Text.Json.Nodes;
using Governance.Lifecycle.Objectives;

namespace Governance.Lifecycle.Tests.Objectives;

/// <summary>How long everything took, in seconds and by objective, as the histories that anybody can read say.</summary>
internal sealed class HistoryWaits
{
    private readonly Dictionary<string, List<decimal>> _seconds = new(StringComparer.Ordinal);

    public IReadOnlyList<decimal> this[string objective] => [.. _seconds.GetValueOrDefault(objective, []).Order()];

    /// <summary>The smallest that so many of 100 are not above.</summary>
    public decimal Percentile(string objective, int percent) => this[objective][((this[objective].Count * percent) + 99) / 100 - 1];

    public void Add(JsonNode history)
    {
        DateTimeOffset permit = default,
            activation = default,
            end = default,
            suspension = default,
            revocation = default;
        foreach (var (type, data) in history["events"]!.AsArray().Select(e => ((string)e!["type"]!, e["data"]!)))
        {
            switch (type)
            {
                case "decision-recorded.v1" when (string?)data["decision"]!["outcome"] == "permit":
                    permit = At(data, "at");
                    break;
                case "activation-started.v1":
                    activation = permit;
                    end = data["until"] is null ? end : At(data, "until");
                    break;
                case "grant-activated.v1":
                    Add(Objective.DecisionToEffective, activation, At(data, "activatedAt"));
                    end = At(data, "expiresAt");
                    break;
                case "grant-renewed.v1" or "grant-resumed.v1":
                    end = At(data, "expiresAt");
                    break;
                case "suspension-started.v1":
                    suspension = At(data, "at");
                    break;
                case "grant-suspended.v1":
                    Add(Objective.SuspendToGone, suspension, At(data, "observedAt"));
                    break;
                case "revocation-started.v1":
                    revocation = At(data, "at");
                    break;
                case "grant-ended.v1" when (string?)data["reason"] == "expired":
                    Add(Objective.ExpiryToGone, end, At(data, "observedAt"));
                    break;
                case "grant-ended.v1":
                    Add(Objective.RevokeToGone, revocation, At(data, "observedAt"));
                    break;
            }
        }
    }

    private void Add(string objective, DateTimeOffset from, DateTimeOffset until)
    {
        if (!_seconds.TryGetValue(objective, out var seconds))
        {
            _seconds[objective] = seconds = [];
        }

        seconds.Add((decimal)(until - from).TotalSeconds);
    }

    private static DateTimeOffset At(JsonNode data, string member) => (DateTimeOffset)data[member]!;
}
