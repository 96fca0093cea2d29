namespace Governance.Cedar;

/// <summary>The texts of extension values that are certainly right: those that this suite writes, and as few others as are easy to tell.</summary>
internal static class ExtensionText
{
    /// <summary><c>2026-11-23T12:00:00.000Z</c> and nothing else.</summary>
    public static bool IsDatetime(ReadOnlySpan<byte> text)
    {
        const int Length = 24;
        if (
            text.Length != Length
            || text[4] != '-'
            || text[7] != '-'
            || text[10] != 'T'
            || text[13] != ':'
            || text[16] != ':'
            || text[19] != '.'
            || text[23] != 'Z'
        )
        {
            return false;
        }

        var year = Number(text[..4]);
        var month = Number(text[5..7]);
        var day = Number(text[8..10]);
        return year >= 1
            && month is >= 1 and <= 12
            && day >= 1
            && day <= DateTime.DaysInMonth(year, month)
            && Number(text[11..13]) is >= 0 and < 24
            && Number(text[14..16]) is >= 0 and < 60
            && Number(text[17..19]) is >= 0 and < 60
            && Number(text[20..23]) >= 0;
    }

    /// <summary>Whole milliseconds, fewer than fit 64 bits.</summary>
    public static bool IsDuration(ReadOnlySpan<byte> text) => text.Length is > 2 and < 18 && text.EndsWith("ms"u8) && AreDigits(text[..^2]);

    /// <summary>Up to fourteen digits, a point, and up to four.</summary>
    public static bool IsDecimal(ReadOnlySpan<byte> text)
    {
        var unsigned = text.StartsWith("-"u8) ? text[1..] : text;
        var point = unsigned.IndexOf((byte)'.');
        return point is > 0 and < 15
            && unsigned.Length - point is > 1 and < 6
            && AreDigits(unsigned[..point])
            && AreDigits(unsigned[(point + 1)..]);
    }

    /// <summary>None: an address has too many forms to be judged here.</summary>
    public static bool IsAddress(ReadOnlySpan<byte> text) => false;

    private static bool AreDigits(ReadOnlySpan<byte> text) => text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    private static int Number(ReadOnlySpan<byte> digits)
    {
        if (!AreDigits(digits))
        {
            return -1;
        }

        var number = 0;
        foreach (var digit in digits)
        {
            number = (number * 10) + (digit - '0');
        }

        return number;
    }
}
