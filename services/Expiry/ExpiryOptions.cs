using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Governance.Expiry;

/// <summary>When deadlines fire and fire again. Section <c>Expiry</c>.</summary>
public sealed class ExpiryOptions
{
    /// <summary>Longest time between two looks at the deadlines, whatever notifications were lost or clocks have jumped.</summary>
    /// <value>50 ms to 1 s; the default is 500 ms.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:01")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Deadlines that one transaction fires.</summary>
    /// <value>1 to 1,000; the default is 200.</value>
    [Range(1, 1000)]
    public int BatchSize { get; set; } = 200;

    /// <summary>How long a batch may wait for the broker's confirms. Its rows are locked for that time, so it is kept below any lock timeout.</summary>
    /// <value>100 ms to 4 s; the default is 3 s.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:04")]
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long after its first firing an unacknowledged deadline fires again; then the time doubles.</summary>
    /// <value>100 ms to 1 minute; the default is 5 s.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan FirstRepeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How much later than that it fires again for each other that has fired and is unacknowledged: Lifecycle takes one after the other, and
    /// what stands in a long queue is not lost.
    /// </summary>
    /// <value>0 to 1 s; the default is 10 ms.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan RepeatSpacing { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest time between two firings of an unacknowledged deadline.</summary>
    /// <value>100 ms to 10 minutes; the default is 60 s.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan LongestRepeat { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a fired deadline may stay unacknowledged before it alerts.</summary>
    /// <value>1 s to 1 hour; the default is 30 s.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan AlertAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between two surveys of what is unacknowledged, for the gauges and the alert.</summary>
    /// <value>100 ms to 1 minute; the default is 5 s.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan SurveyInterval { get; set; } = TimeSpan.FromSeconds(5);
}

[OptionsValidator]
internal sealed partial class ExpiryOptionsValidator : IValidateOptions<ExpiryOptions>;
