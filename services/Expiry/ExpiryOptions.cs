using Governance.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Governance.Expiry;

/// <summary>When deadlines fire and fire again. Section <c>Expiry</c>.</summary>
public sealed class ExpiryOptions
{
    /// <summary>Longest time between two looks at the deadlines, whatever notifications were lost or clocks have jumped.</summary>
    /// <value>50 ms to 1 s; the default is 500 ms.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Deadlines that one transaction fires.</summary>
    /// <value>1 to 1,000; the default is 200.</value>
    public int BatchSize { get; set; } = 200;

    /// <summary>How long a batch may wait for the broker's confirms. Its rows are locked for that time, so it is kept below any lock timeout.</summary>
    /// <value>100 ms to 4 s; the default is 3 s.</value>
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long after its first firing an unacknowledged deadline fires again; then the time doubles.</summary>
    /// <value>100 ms to 1 minute; the default is 5 s.</value>
    public TimeSpan FirstRepeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How much later than that it fires again for each other that has fired and is unacknowledged: Lifecycle takes one after the other, and
    /// what stands in a long queue is not lost.
    /// </summary>
    /// <value>0 to 1 s; the default is 10 ms.</value>
    public TimeSpan RepeatSpacing { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest time between two firings of an unacknowledged deadline.</summary>
    /// <value>100 ms to 10 minutes; the default is 60 s.</value>
    public TimeSpan LongestRepeat { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a fired deadline may stay unacknowledged before it alerts.</summary>
    /// <value>1 s to 1 hour; the default is 30 s.</value>
    public TimeSpan AlertAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between two surveys of what is unacknowledged, for the gauges and the alert.</summary>
    /// <value>100 ms to 1 minute; the default is 5 s.</value>
    public TimeSpan SurveyInterval { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>
/// Written by hand: what is generated of attributes tells a bound without the setting's key, and nothing of settings that only work together.
/// </summary>
internal sealed class ExpiryOptionsValidator : IValidateOptions<ExpiryOptions>
{
    public ValidateOptionsResult Validate(string? name, ExpiryOptions options)
    {
        List<string> errors = [];
        SettingBounds.Between(errors, "Expiry:PollInterval", options.PollInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));
        SettingBounds.Between(errors, "Expiry:BatchSize", options.BatchSize, 1, 1000);
        SettingBounds.Between(
            errors,
            "Expiry:PublishTimeout",
            options.PublishTimeout,
            TimeSpan.FromMilliseconds(100),
            TimeSpan.FromSeconds(4)
        );
        SettingBounds.Between(errors, "Expiry:FirstRepeat", options.FirstRepeat, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        SettingBounds.Between(errors, "Expiry:RepeatSpacing", options.RepeatSpacing, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        SettingBounds.Between(
            errors,
            "Expiry:LongestRepeat",
            options.LongestRepeat,
            TimeSpan.FromMilliseconds(100),
            TimeSpan.FromMinutes(10)
        );
        SettingBounds.Between(errors, "Expiry:AlertAfter", options.AlertAfter, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        SettingBounds.Between(
            errors,
            "Expiry:SurveyInterval",
            options.SurveyInterval,
            TimeSpan.FromMilliseconds(100),
            TimeSpan.FromMinutes(1)
        );
        NotAboveLongest(errors, "FirstRepeat", options.FirstRepeat, options.LongestRepeat);
        NotAboveLongest(errors, "RepeatSpacing", options.RepeatSpacing, options.LongestRepeat);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void NotAboveLongest(List<string> errors, string setting, TimeSpan value, TimeSpan longest)
    {
        if (value > longest)
        {
            errors.Add(
                $"Expiry:{setting} is {value}, but must not be above Expiry:LongestRepeat, which is {longest} and would be used in its place: lower the one or raise the other."
            );
        }
    }
}
