namespace Governance.Expiry.Firing;

internal static class RepeatDelay
{
    /// <summary>Time from the nth firing to the next: the first repeat, then doubled up to the longest, less up to a fifth by chance.</summary>
    public static TimeSpan After(int firing, ExpiryOptions options, double chance)
    {
        var doubled = options.FirstRepeat.TotalSeconds * Math.Pow(2, Math.Min(firing - 1, 20));
        var longest = Math.Min(doubled, options.LongestRepeat.TotalSeconds);
        return TimeSpan.FromSeconds(firing == 1 ? longest : longest * (1 - (0.2 * chance)));
    }
}
