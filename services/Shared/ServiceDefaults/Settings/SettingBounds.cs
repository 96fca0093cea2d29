namespace Governance.ServiceDefaults;

/// <summary>
/// Bounds of settings for validators that are written by hand, where a bound depends on another setting or a setting is one of many: else
/// <see cref="NumberRangeAttribute"/> and <see cref="DurationRangeAttribute"/> say it beside the setting.
/// </summary>
public static class SettingBounds
{
    /// <summary>Adds what is wrong with a setting that is to be within bounds, both included.</summary>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="key">The setting, for example <c>Expiry:BatchSize</c>.</param>
    /// <param name="value">What it is set to.</param>
    /// <param name="least">The least.</param>
    /// <param name="most">The most.</param>
    public static void Between<T>(ICollection<string> errors, string key, T value, T least, T most)
        where T : IComparable<T>
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            errors.Add($"{key} is {value}, but must be from {least} to {most}: set it within, or leave it out.");
        }
    }
}
