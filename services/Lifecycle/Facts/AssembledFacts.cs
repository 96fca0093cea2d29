using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Catalog;

namespace Governance.Lifecycle.Facts;

/// <summary>Facts with their digest, or why there are none.</summary>
public sealed record AssembledFacts
{
    public AccessFacts? Facts { get; init; }

    /// <summary>RFC 8785 JSON of <see cref="Facts"/>.</summary>
    public string Text { get; init; } = "";

    public string Digest { get; init; } = "";

    /// <summary>The same without what other grants hold: while it stays, all that has changed is what others were given or lost.</summary>
    public string OwnDigest { get; init; } = "";

    public string Bundle { get; init; } = "";

    public LoadedCatalog? Catalog { get; init; }

    public string? Human { get; init; }

    public TargetBinding? Binding { get; init; }

    /// <summary>How long giving access may take at this target; null for the installation's own bound.</summary>
    public TimeSpan? ActivationBudget { get; init; }

    public FactsProblem? Problem { get; init; }

    public static AssembledFacts Impossible(string code, string message, bool wait = false) =>
        new() { Problem = new FactsProblem(code, message, wait) };
}

/// <summary>Why there are no facts. When <c>Wait</c>, asking again later may help; else the request is denied.</summary>
public sealed record FactsProblem(string Code, string Message, bool Wait);
