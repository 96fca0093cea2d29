using System.Globalization;
using System.Text.RegularExpressions;

namespace Governance;

/// <summary>Times of outsiders.</summary>
public static partial class Rfc3339
{
    /// <summary>Reads a time with its offset, cut to milliseconds: a time without an offset means another moment to every reader.</summary>
    /// <param name="text">For example <c>2026-11-23T12:00:00Z</c>.</param>
    /// <param name="time">The moment in UTC.</param>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        if (!Form().IsMatch(text))
        {
            return false;
        }

        // .NET takes at most seven digits of a second; recorded are three.
        var upper = LongFraction().Replace(text.ToUpperInvariant(), "${kept}");
        if (!DateTimeOffset.TryParse(upper, CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
        {
            return false;
        }

        time = Moments.Truncate(parsed);
        return true;
    }

    /// <summary>Whether it is a time in a leap second, which .NET has not.</summary>
    public static bool IsLeapSecond(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Form().IsMatch(text) && text.AsSpan(17, 2) is "60";
    }

    [GeneratedRegex(
        @"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+\-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.CultureInvariant,
        RegexTimeout.Milliseconds
    )]
    private static partial Regex Form();

    [GeneratedRegex(@"(?<kept>\.[0-9]{7})[0-9]+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, RegexTimeout.Milliseconds)]
    private static partial Regex LongFraction();
}
