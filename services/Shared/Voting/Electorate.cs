using Governance.Contracts.Decisions;

namespace Governance.Voting;

/// <summary>Who may decide on a request, and which place they fill. No policy can override it.</summary>
public static class Electorate
{
    /// <summary>Why somebody may not decide on a request; null if they may, as far as the suite's own rules go.</summary>
    /// <param name="person">Who wants to.</param>
    /// <param name="assurance">Whether it is known to be them.</param>
    /// <param name="stake">Who stands behind the request.</param>
    /// <param name="outdated">Why their vote is for something else than what is asked now (<see cref="Objections"/>); null if it isn't.</param>
    public static string? ObjectionTo(Person? person, Assurance assurance, Stake stake, string? outdated = null)
    {
        ArgumentNullException.ThrowIfNull(stake);
        return person is null ? Objections.Unknown
            : assurance != Assurance.Verified ? Objections.ClaimedOnly
            : person.Kind != PrincipalKind.Human ? Objections.NotHuman
            : outdated is not null ? outdated
            : !person.Active ? Objections.Inactive
            : stake.RoleOf(person.Id);
    }

    /// <summary>Whether somebody fills a place. One that can't be read is filled by nobody.</summary>
    /// <param name="from">The place: <c>group:NAME</c>, <c>owner</c> or <c>user:ID</c>.</param>
    /// <param name="person">Who.</param>
    /// <param name="owner">Opaque id of the entitlement's owner; null where it is not known.</param>
    public static bool MayFill(string from, Person person, string? owner) =>
        Approvers.TryParse(from, out var approvers) && MayFill(approvers, person, owner);

    /// <summary>Whether somebody fills a place.</summary>
    /// <param name="from">The place.</param>
    /// <param name="person">Who.</param>
    /// <param name="owner">Opaque id of the entitlement's owner; null where it is not known.</param>
    public static bool MayFill(Approvers from, Person person, string? owner)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(person);
        return from.Kind switch
        {
            ApproverKind.Group => person.Groups.Contains(from.Name, StringComparer.Ordinal),
            ApproverKind.User => string.Equals(person.Id, from.Name, StringComparison.Ordinal),
            ApproverKind.Owner => string.Equals(person.Id, owner, StringComparison.Ordinal),
            _ => false,
        };
    }
}

/// <summary>Somebody who may have a say.</summary>
/// <param name="Id">Opaque id.</param>
/// <param name="Kind">What they are.</param>
/// <param name="Active">False for who left.</param>
/// <param name="Groups">Their groups.</param>
public sealed record Person(string Id, PrincipalKind Kind, bool Active, IReadOnlyList<string> Groups);
