using System.Diagnostics;
using System.Globalization;

namespace Governance.Benchmarks.Policy;

/// <summary>How often something can be done in a second, how long it takes, and how much of the processor.</summary>
internal sealed record Timing(double PerSecond, double Best, double Median, double P99, double Cpu)
{
    public static Timing Of(int times, int threads, Action work)
    {
        Repeat(times / 4, threads, work, took: null);
        var took = new double[times];
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        Repeat(times, threads, work, took);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime - before;
        Array.Sort(took);
        return new Timing(
            times / elapsed.TotalSeconds,
            Figures.Percentile(took, 0.01),
            Figures.Percentile(took, 0.50),
            Figures.Percentile(took, 0.99),
            cpu.TotalMicroseconds / times
        );
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{PerSecond, 8:N0}/s   p01 {Best, 6:F0} µs   p50 {Median, 6:F0} µs   p99 {P99, 6:F0} µs   CPU {Cpu, 6:F0} µs"
        );

    private static void Repeat(int times, int threads, Action work, double[]? took)
    {
        var next = -1;
        void Run()
        {
            for (var i = Interlocked.Increment(ref next); i < times; i = Interlocked.Increment(ref next))
            {
                var started = Stopwatch.GetTimestamp();
                work();
                if (took is not null)
                {
                    took[i] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
                }
            }
        }

        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(Run)).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
    }
}
