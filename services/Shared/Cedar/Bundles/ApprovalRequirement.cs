using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Governance.Voting;

namespace Governance.Cedar.Bundles;

/// <summary>Who has to approve: <c>2 of group:dba-oncall and 1 of owner</c>. One person fills one place, whatever groups they are in.</summary>
/// <param name="Text">As written.</param>
/// <param name="Terms">What has to be met, all of them.</param>
public sealed partial record ApprovalRequirement(string Text, IReadOnlyList<ApprovalTerm> Terms)
{
    /// <summary>What a requirement looks like, for people.</summary>
    public const string Grammar =
        "N of group:NAME | owner | user:ID, joined by ' and ' (N from 1 to 9), for example \"2 of group:dba-oncall and 1 of owner\"";

    /// <summary>
    /// Reads a requirement, to the letter: one space between words, no leading zero. Refuses what nobody could ever meet (more than one of
    /// a single person) and the same approvers named twice, since it is not clear whether that means more people.
    /// </summary>
    /// <param name="text">The annotation's value.</param>
    /// <param name="requirement">The requirement, if the answer is true.</param>
    /// <param name="fault">What is wrong, if the answer is false.</param>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out ApprovalRequirement? requirement,
        [NotNullWhen(false)] out string? fault
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        requirement = null;
        var terms = new List<ApprovalTerm>();
        foreach (var part in text.Split(" and ", StringSplitOptions.None))
        {
            if (!Term().IsMatch(part) || !Approvers.TryParse(part[5..], out var from))
            {
                fault = $"'{part}' is no requirement: expected {Grammar}";
                return false;
            }

            terms.Add(new ApprovalTerm(part[0] - '0', from));
        }

        fault = Check(terms);
        requirement = fault is null ? new ApprovalRequirement(text, terms) : null;
        return requirement is not null;
    }

    private static string? Check(List<ApprovalTerm> terms)
    {
        if (terms.Find(term => term.Count > 1 && term.From.Kind != ApproverKind.Group) is { } impossible)
        {
            return $"'{impossible.Count} of {impossible.From}' can never be met: it is one person, who fills one place";
        }

        return terms.GroupBy(term => term.From).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? $"'{twice.Key}' is named twice: write one number for it"
            : null;
    }

    [GeneratedRegex("^[1-9] of ", RegexOptions.CultureInvariant, RegexTimeout.Milliseconds)]
    private static partial Regex Term();
}

/// <summary>So many approvals by some approvers.</summary>
/// <param name="Count">From 1 to 9.</param>
/// <param name="From">Who may give them.</param>
public sealed record ApprovalTerm(int Count, Approvers From);
