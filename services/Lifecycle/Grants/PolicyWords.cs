using System.Text;
using Governance.Contracts.Decisions;
using Governance.Reading;

namespace Governance.Lifecycle.Grants;

/// <summary>A policy that refused, and what its author says about that.</summary>
/// <param name="Policy">The policy's <c>@id</c>.</param>
/// <param name="Reason">Its <c>@reason</c>; null when it has none.</param>
/// <param name="Advice">Its <c>@advice</c>: what can be done about it; null when it has none.</param>
public sealed record PolicyWords(string Policy, string? Reason, string? Advice)
{
    private const int MaxPolicies = 10;
    private const int MaxLength = 500;

    // Without these emoji and some scripts are others; none of them hides or moves anything.
    private const int Joiner = 0x200D;
    private const int NonJoiner = 0x200C;

    /// <summary>The forbids that a denial rests on and whose authors say something; null for none. The whole is in the recorded decision.</summary>
    public static IReadOnlyList<PolicyWords>? Of(Decision decision)
    {
        if (decision.Outcome != Outcome.Forbid)
        {
            return null;
        }

        PolicyWords[] said =
        [
            .. decision
                .Policies.Where(p => p.Effect == PolicyEffect.Forbid && (p.Reason is not null || p.Advice is not null))
                .Take(MaxPolicies)
                .Select(p => new PolicyWords(p.Id, Shown(p.Reason), Shown(p.Advice))),
        ];
        return said.Length == 0 ? null : said;
    }

    // One line that shows as what it is, of a length that a list can hold.
    private static string? Shown(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var shown = new StringBuilder(Math.Min(text.Length, MaxLength));
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (length++ == MaxLength)
            {
                return shown.Append('…').ToString();
            }

            shown.Append(
                Rune.IsWhiteSpace(rune) ? " "
                : rune.Value is Joiner or NonJoiner or (>= 0xFE00 and <= 0xFE0F) || !InvisibleCharacters.Contains(rune.Value)
                    ? rune.ToString()
                : "\uFFFD"
            );
        }

        return shown.ToString();
    }
}
