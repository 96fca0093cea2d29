using Governance.Cli.Yaml;
using Governance.Contracts.Decisions;

namespace Governance.Cli.Cases;

/// <summary>What a decision is made from. Whatever is left out has the value of an ordinary, verified request.</summary>
internal sealed class Given
{
    public YamlText? Principal { get; set; }
    public YamlText? Entitlement { get; set; }

    /// <summary>Default: the human behind the principal, or the principal itself.</summary>
    public YamlText? Requester { get; set; }

    public Assurance RequesterAssurance { get; set; } = Assurance.Verified;
    public DecisionPurpose Purpose { get; set; } = DecisionPurpose.Issue;
    public TimeSpan Duration { get; set; } = TimeSpan.FromHours(1);

    // Fixed, so that no case comes out differently next year.
    public DateTimeOffset Now { get; set; } = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    public DateTimeOffset? NotBefore { get; set; }
    public bool Emergency { get; set; }

    /// <summary>Default: verified where there is an emergency.</summary>
    public Assurance? EmergencyAssurance { get; set; }

    public GivenTicket? Ticket { get; set; }
    public int? Revision { get; set; }
    public string Via { get; set; } = "http";
    public string Source { get; set; } = "https://itsm.example.com";
    public Guid Grant { get; set; } = new("00000000-0000-4000-8000-000000000001");

    /// <summary>Default: as Lifecycle is installed, 30 days, and four hours for what claims to be an emergency.</summary>
    public TimeSpan? SystemMaxDuration { get; set; }

    /// <summary>Who holds what by other grants.</summary>
    public Dictionary<YamlText, List<YamlText>> Held { get; set; } = [];

    public List<GivenDelegator>? OnBehalfOf { get; set; }

    public Assurance DelegationAssurance { get; set; } = Assurance.Verified;

    /// <summary>Who reviews, where the purpose is a review.</summary>
    public YamlText? Reviewer { get; set; }

    public List<GivenApproval> Approvals { get; set; } = [];
    public List<GivenExemption> Exemptions { get; set; } = [];
    public List<Guid>? OverdueReviews { get; set; }
    public List<Guid>? UnreviewedEmergencies { get; set; }

    /// <summary>Who stands behind the request beside requester and principal.</summary>
    public List<YamlText>? SentBy { get; set; }

    /// <summary>What is otherwise than in the catalog or world.</summary>
    public GivenChanges Change { get; set; } = new();
}

/// <summary>The ticket that the request refers to.</summary>
internal sealed class GivenTicket
{
    [ShortForm]
    public string? State { get; set; }

    public string System { get; set; } = "itsm";
    public string Key { get; set; } = "TICKET-1";
    public Assurance Assurance { get; set; } = Assurance.Verified;
    public YamlText? Assignee { get; set; }
    public string? ConfigurationItem { get; set; }
    public GivenWindow? ChangeWindow { get; set; }
}

/// <summary>When a change may be made.</summary>
internal sealed class GivenWindow
{
    public DateTimeOffset? Start { get; set; }
    public DateTimeOffset? End { get; set; }
}

/// <summary>Somebody on whose behalf the principal acts.</summary>
internal sealed class GivenDelegator
{
    [ShortForm]
    public YamlText? Principal { get; set; }

    /// <summary>Until when the delegator has the entitlement asked for. Default: as long as anything may last, if <c>held</c> says so.</summary>
    public DateTimeOffset? HeldUntil { get; set; }
}

/// <summary>A vote.</summary>
internal sealed class GivenApproval
{
    [ShortForm]
    public YamlText? By { get; set; }

    /// <summary>Default: now.</summary>
    public DateTimeOffset? At { get; set; }

    public Assurance Assurance { get; set; } = Assurance.Verified;
    public string Via { get; set; } = "http";
    public TimeSpan? Duration { get; set; }

    /// <summary>Default: the request's.</summary>
    public int? Revision { get; set; }
}

/// <summary>An exemption from a conflict, beside those of the catalog.</summary>
internal sealed class GivenExemption
{
    public YamlText? Id { get; set; }
    public YamlText? Conflict { get; set; }

    /// <summary>Default: the human behind the principal.</summary>
    public YamlText? Human { get; set; }

    public DateTimeOffset? From { get; set; }
    public DateTimeOffset? Until { get; set; }
    public string CompensatingControl { get; set; } = "reviewed daily";

    /// <summary>Default: the conflict's owner.</summary>
    public YamlText? ApprovedBy { get; set; }
}
