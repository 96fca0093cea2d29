using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Governance.Voting;

/// <summary>How approvers are named.</summary>
public enum ApproverKind
{
    /// <summary>The members of a group.</summary>
    Group,

    /// <summary>The owner of the entitlement.</summary>
    Owner,

    /// <summary>One person, by opaque id.</summary>
    User,
}

/// <summary>Some people: a group's members, the entitlement's owner, or one person.</summary>
/// <param name="Kind">How they are named.</param>
/// <param name="Name">The group's name or the person's opaque id; empty for the owner.</param>
public sealed partial record Approvers(ApproverKind Kind, string Name)
{
    /// <summary><c>group:NAME</c>, <c>owner</c> or <c>user:ID</c>.</summary>
    public override string ToString() =>
        Kind switch
        {
            ApproverKind.Group => $"group:{Name}",
            ApproverKind.User => $"user:{Name}",
            _ => "owner",
        };

    /// <summary>Reads one, to the letter.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Approvers? approvers)
    {
        ArgumentNullException.ThrowIfNull(text);
        var match = Form().Match(text);
        approvers = match.Success
            ? match.Groups["kind"].Value switch
            {
                "group:" => new Approvers(ApproverKind.Group, match.Groups["name"].Value),
                "user:" => new Approvers(ApproverKind.User, match.Groups["name"].Value),
                _ => new Approvers(ApproverKind.Owner, string.Empty),
            }
            : null;
        return match.Success;
    }

    [GeneratedRegex(
        @"^((?<kind>group:|user:)(?<name>[A-Za-z0-9][A-Za-z0-9._@-]{0,127})|owner)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        RegexTimeout.Milliseconds
    )]
    private static partial Regex Form();
}
