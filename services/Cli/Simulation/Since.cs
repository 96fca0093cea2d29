using System.CommandLine.Parsing;
using System.Globalization;

namespace Governance.Cli.Simulation;

/// <summary>From where on decisions are looked at.</summary>
/// <param name="Sequence">Of the store.</param>
/// <param name="Time">Null where a sequence is given.</param>
internal sealed record Since(long Sequence, DateTimeOffset? Time)
{
    public static Since Everything { get; } = new(0, null);

    public static Since Ago(TimeSpan duration) => new(0, TimeProvider.System.Now() - duration);

    /// <summary>That there is nothing from there on, and where the last is.</summary>
    /// <param name="last">The sequence of the last decision; null where there is none.</param>
    public string Nothing(long? last)
    {
        var from = Time is { } time ? Moments.ToWire(time) : string.Create(CultureInfo.InvariantCulture, $"sequence {Sequence}");
        return last is { } sequence
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"--since: nothing was decided from {from} on; the last decision has the sequence {sequence}"
            )
            : $"--since: nothing was decided from {from} on, nor ever before";
    }

    /// <summary>A duration (how long ago), a date or time, or a sequence.</summary>
    public static Since? Read(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return new Since(sequence, null);
        }

        if (
            IsoDuration.TryParse(text, out var duration)
            && duration > TimeSpan.Zero
            && duration < TimeProvider.System.Now() - default(DateTimeOffset)
        )
        {
            return Ago(duration);
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return new Since(0, time.ToUniversalTime());
        }

        result.AddError($"--since: '{text}' is no duration such as P7D, no date such as 2026-11-23, and no sequence of the store.");
        return null;
    }
}
