using Governance.Cli.Yaml;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Cases;

/// <summary>What the decision has to be. What is left out is not looked at; lists are exact, in any order.</summary>
internal sealed class Expectation
{
    [ShortForm]
    public Outcome? Outcome { get; set; }

    /// <summary>The determining policies of the final evaluation, fired gates included.</summary>
    public List<string>? Policies { get; set; }

    public List<string>? Reasons { get; set; }
    public TimeSpan? Duration { get; set; }

    /// <summary>What cut the duration, in order.</summary>
    public List<string>? Cuts { get; set; }

    /// <summary>The gates that fired.</summary>
    public List<ExpectedGate>? Gates { get; set; }

    /// <summary>By approver, why their approval was not counted.</summary>
    public Dictionary<YamlText, string>? Uncounted { get; set; }

    /// <summary>The exemptions that were relied on.</summary>
    public List<string>? Exemptions { get; set; }

    public ExpectedObligations? Obligations { get; set; }

    /// <summary>The policies that erred.</summary>
    public List<string>? Errors { get; set; }
}

internal sealed class ExpectedGate
{
    [ShortForm]
    public string? Id { get; set; }

    public bool? Discharged { get; set; }
}

internal sealed class ExpectedObligations
{
    public TimeSpan? MaxDuration { get; set; }
    public TimeSpan? ReviewWithin { get; set; }
    public bool? BoundToTicket { get; set; }
    public DateTimeOffset? NotBefore { get; set; }
    public List<string>? Notify { get; set; }
}
