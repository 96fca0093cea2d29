using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>Everything that shortens a duration, in the order in which it is applied.</summary>
internal sealed class Limits(KnownFacts known, DateTimeOffset now)
{
    private ChangeWindow? Window => known.Facts.Request.Ticket?.ChangeWindow;

    /// <summary>What is known before policies are asked.</summary>
    public void CutBefore(DurationLimit duration)
    {
        duration.CutTo(known.Entitlement.MaxDuration, "catalog");
        duration.CutTo(known.Facts.SystemMaxDuration, "system");
        foreach (var (_, exemption) in known.Conflicts.ReliedOn(known.Entitlement, known.ActorHeld))
        {
            duration.CutTo(exemption.Until - known.Start, $"exemption:{exemption.Id}");
        }

        if (known.Delegation is { HeldUntil: { } until, First: { } first })
        {
            duration.CutTo(until - known.Start, $"delegation:{first}");
        }
    }

    /// <summary>Why the access can't be given within what policies ask for; null if it can.</summary>
    public string? ObjectionTo(Ruling ruling) =>
        !InWindow(ruling) ? null
        : Window is not { } window ? DecisionReasons.NoChangeWindow
        : window.End <= known.Start ? DecisionReasons.ChangeWindowOver
        : null;

    /// <summary>What the determining policies and the counted approvals ask for. True if it became shorter.</summary>
    public bool CutAfter(DurationLimit duration, Ruling ruling, ApprovalCount count)
    {
        var cut = false;
        if (ObligationRules.Shortest(ruling.Binding) is { MaxDuration: { } limit } policy)
        {
            cut |= duration.CutTo(limit, $"policy:{policy.Id}");
        }

        if (InWindow(ruling) && Window is { } window)
        {
            cut |= duration.CutTo(window.End - Later(known.Start, window.Start), "change-window");
        }

        if (count.Shortest is { Duration: { } agreed } approval)
        {
            cut |= duration.CutTo(agreed, $"approval:{approval.Id}");
        }

        return cut;
    }

    /// <summary>When the access starts at the earliest, where that is later than now.</summary>
    public DateTimeOffset? NotBefore(Ruling ruling) => InWindow(ruling) && Window is { } window && window.Start > now ? window.Start : null;

    private static bool InWindow(Ruling ruling) => ruling.Binding.Any(policy => policy.InChangeWindow);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
