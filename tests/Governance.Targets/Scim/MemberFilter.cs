namespace Governance.Targets.Scim;

/// <summary>What a provider makes of a filter on a group's members.</summary>
public enum MemberFilter
{
    Honoured,

    /// <summary>It says that it knows no such filter.</summary>
    Refused,

    /// <summary>It finds no group, whoever is in it.</summary>
    FindsNothing,

    /// <summary>It finds the group, whoever is in it.</summary>
    Ignored,
}
