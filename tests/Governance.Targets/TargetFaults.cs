namespace Governance.Targets;

/// <summary>Trouble between a connector and its target.</summary>
/// <remarks>
/// A change consists of steps: the calls that change something, in their order. A fault that names a step strikes once, at the next call
/// of that step.
/// </remarks>
public abstract class TargetFaults : IAsyncDisposable
{
    /// <summary>The steps of giving access that is not there.</summary>
    public abstract IReadOnlyList<string> Giving { get; }

    /// <summary>The steps of taking access away that is there.</summary>
    public abstract IReadOnlyList<string> Taking { get; }

    /// <summary>How often a fault that names a step has struck.</summary>
    public abstract int Struck { get; }

    /// <summary>Whatever is sent takes that much longer, in both directions.</summary>
    public abstract void Slow(TimeSpan time);

    /// <summary>The target is down until <see cref="Heal"/>.</summary>
    public abstract void Refuse();

    /// <summary>The target does the step and never answers.</summary>
    public abstract void HangAfter(string step);

    /// <summary>The step reaches the target, and the connection breaks before the answer.</summary>
    public abstract void CutAfter(string step);

    /// <summary>Everything works again.</summary>
    public abstract void Heal();

    /// <summary>Stops.</summary>
    public abstract ValueTask DisposeAsync();
}
