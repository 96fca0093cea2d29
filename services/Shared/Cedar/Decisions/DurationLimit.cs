using Governance.Contracts.Decisions;

namespace Governance.Cedar.Decisions;

/// <summary>A duration that only ever becomes shorter, with every cut on record.</summary>
internal sealed class DurationLimit(TimeSpan requested)
{
    private readonly List<DurationCut> _cuts = [];

    public TimeSpan Duration { get; private set; } = requested;

    public IReadOnlyList<DurationCut> Cuts => _cuts;

    /// <summary>True if it became shorter. What ended before it began leaves nothing.</summary>
    public bool CutTo(TimeSpan limit, string by)
    {
        limit = limit < TimeSpan.Zero ? TimeSpan.Zero : limit;
        if (limit >= Duration)
        {
            return false;
        }

        _cuts.Add(new DurationCut(Duration, limit, by));
        Duration = limit;
        return true;
    }
}
