using System.Collections.Concurrent;
using System.Globalization;
using Governance.EndToEnd.Tests.Running;
using Governance.Targets;

namespace Governance.EndToEnd.Tests.Targets;

/// <summary>Between Issuance and one target something fails, one thing after another, in an order that the seed fixes.</summary>
internal sealed class TargetTrouble(SuiteTarget target, int seed)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);
    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<string, int> _done = new(StringComparer.Ordinal);

    public const string Cut = "cut after a change";
    public const string Hung = "hung after a change";
    public const string Away = "away";
    public const string Slow = "slow";

    public static IReadOnlyList<string> Kinds { get; } = [Cut, Hung, Away, Slow];

    public SuiteTarget Target => target;

    /// <summary>How often each kind of failure has happened.</summary>
    public IReadOnlyDictionary<string, int> Done => _done;

    public async Task RunAsync(CancellationToken stop)
    {
        var faults = target.At.Faults;
        string[] steps = [.. faults.Giving.Union(faults.Taking, StringComparer.Ordinal)];
        try
        {
            while (true)
            {
                var step = steps[_random.Next(steps.Length)];
                switch (_random.Next(6))
                {
                    case 0 or 1:
                        await StrikeAsync(Cut, () => faults.CutAfter(step), stop);
                        break;
                    case 2 or 3:
                        await StrikeAsync(Hung, () => faults.HangAfter(step), stop);
                        break;
                    case 4:
                        faults.Refuse();
                        Count(Away);
                        await Task.Delay(Between(500, 2000), stop);
                        break;
                    default:
                        faults.Slow(Between(20, 200));
                        Count(Slow);
                        await Task.Delay(Between(500, 3000), stop);
                        break;
                }

                faults.Heal();
                await Task.Delay(Between(200, 1000), stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }

        faults.Heal();
    }

    public override string ToString() =>
        string.Join(", ", Kinds.Select(k => $"{_done.GetValueOrDefault(k).ToString(CultureInfo.InvariantCulture)} {k}"));

    private async Task StrikeAsync(string kind, Action arm, CancellationToken stop)
    {
        var faults = target.At.Faults;
        var (struck, until) = (faults.Struck, DateTimeOffset.UtcNow + Patience);
        arm();
        while (faults.Struck == struck && DateTimeOffset.UtcNow < until)
        {
            await Task.Delay(Period, stop);
        }

        if (faults.Struck > struck)
        {
            Count(kind);
        }
    }

    private void Count(string kind) => _done.AddOrUpdate(kind, 1, (_, count) => count + 1);

    private TimeSpan Between(int least, int most) => TimeSpan.FromMilliseconds(_random.Next(least, most));
}
