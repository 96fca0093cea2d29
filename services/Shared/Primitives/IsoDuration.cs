using System.Globalization;
using System.Text.RegularExpressions;

namespace Governance;

/// <summary>ISO 8601 durations of fixed length: weeks, days, hours, minutes and seconds (<c>P1DT2H</c>, <c>PT0.5S</c>).</summary>
/// <remarks>Years and months are refused, since their length depends on when they start. A week is 7 days, a day 24 hours.</remarks>
public static partial class IsoDuration
{
    /// <summary>Reads a duration; false when the text is none, has years or months, is negative or exceeds what a time span holds.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length > 64 || !Pattern().IsMatch(text))
        {
            return false;
        }

        decimal seconds = 0;
        var inTime = false;
        var start = 1;
        for (var i = 1; i < text.Length; i++)
        {
            var c = text[i];
            if (c == 'T')
            {
                inTime = true;
                start = i + 1;
            }
            else if (char.IsAsciiLetterUpper(c))
            {
                if (
                    !decimal.TryParse(
                        text.AsSpan(start, i - start),
                        NumberStyles.AllowDecimalPoint,
                        CultureInfo.InvariantCulture,
                        out var n
                    )
                    || n > 1_000_000_000_000
                )
                {
                    return false;
                }

                seconds +=
                    n
                    * c switch
                    {
                        'W' => 604_800,
                        'D' => 86_400,
                        'H' => 3_600,
                        'M' when inTime => 60,
                        _ => 1,
                    };
                start = i + 1;
            }
        }

        if (seconds > (decimal)TimeSpan.MaxValue.TotalSeconds - 1)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    /// <summary>Whether the text is written as such a duration, however long.</summary>
    public static bool IsForm(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= 64 && Pattern().IsMatch(text);
    }

    /// <summary>The shortest form with days, hours, minutes and seconds; zero is <c>PT0S</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        var culture = CultureInfo.InvariantCulture;
        var text = "P";
        if (duration.Days > 0)
        {
            text += duration.Days.ToString(culture) + "D";
        }

        var rest = duration - TimeSpan.FromDays(duration.Days);
        if (rest == TimeSpan.Zero)
        {
            return duration.Days > 0 ? text : "PT0S";
        }

        text += "T";
        text += rest.Hours > 0 ? rest.Hours.ToString(culture) + "H" : "";
        text += rest.Minutes > 0 ? rest.Minutes.ToString(culture) + "M" : "";
        var seconds = (decimal)(rest.Ticks % TimeSpan.TicksPerMinute) / TimeSpan.TicksPerSecond;
        return seconds > 0 ? text + seconds.ToString("0.#######", culture) + "S" : text;
    }

    [GeneratedRegex(
        @"^P(?=\d|T\d)(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d{1,7})?S)?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        RegexTimeout.Milliseconds
    )]
    private static partial Regex Pattern();
}
