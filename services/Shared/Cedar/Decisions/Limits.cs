using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>Everything that shortens a duration, in the order in which it is applied.</summary>
internal sealed class Limits(KnownFacts known, DateTimeOffset now)
{
    private ChangeWindow? Window => known.Facts.Request.Ticket?.ChangeWindow;

    private IEnumerable<ExemptionFacts> Exemptions =>
        known.Conflicts.ReliedOn(known.Entitlement, known.ActorHeld).Select(relied => relied.Exemption);

    /// <summary>What is known before policies are asked.</summary>
    public void CutBefore(DurationLimit duration)
    {
        duration.CutTo(known.Entitlement.MaxDuration, "catalog");
        duration.CutTo(known.Facts.SystemMaxDuration, "system");
        CutToRight(duration, known.Start);
    }

    /// <summary>Why the access can't be given within what policies ask for; null if it can.</summary>
    public string? ObjectionTo(Ruling ruling) =>
        !InWindow(ruling) ? null
        : Window is not { } window ? DecisionReasons.NoChangeWindow
        : window.End <= known.Start ? DecisionReasons.ChangeWindowOver
        : Exemptions.Any(exemption => exemption.Until <= window.Start) ? DecisionReasons.ExemptionOver
        : known.Delegation is { HeldUntil: { } until } && until <= window.Start ? DecisionReasons.DelegationOver
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
            var start = Later(known.Start, window.Start);
            cut |= duration.CutTo(window.End - start, "change-window");
            cut |= CutToRight(duration, start);
        }

        if (count.Shortest is { } approval && ApprovalCount.AgreedBy(approval) is { } agreed)
        {
            cut |= duration.CutTo(agreed, $"approval:{approval.Id}");
        }

        return cut;
    }

    /// <summary>When the access starts at the earliest, where that is later than now.</summary>
    public DateTimeOffset? NotBefore(Ruling ruling) => InWindow(ruling) && Window is { } window && window.Start > now ? window.Start : null;

    /// <summary>When what the access rests on ends; null if that has no end.</summary>
    public DateTimeOffset? NotAfter(Ruling ruling)
    {
        var ends = Exemptions.Select(exemption => exemption.Until).ToList();
        if (known.Delegation is { HeldUntil: { } until })
        {
            ends.Add(until);
        }

        if (InWindow(ruling) && Window is { } window)
        {
            ends.Add(window.End);
        }

        return ends.Count == 0 ? null : Moments.Truncate(ends.Min());
    }

    // What the access rests on: it ends when that does, however late it starts.
    private bool CutToRight(DurationLimit duration, DateTimeOffset start)
    {
        var cut = false;
        foreach (var exemption in Exemptions)
        {
            cut |= duration.CutTo(exemption.Until - start, $"exemption:{exemption.Id}");
        }

        if (known.Delegation is { HeldUntil: { } until, First: { } first })
        {
            cut |= duration.CutTo(until - start, $"delegation:{first}");
        }

        return cut;
    }

    private static bool InWindow(Ruling ruling) => ruling.Binding.Any(policy => policy.InChangeWindow);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
