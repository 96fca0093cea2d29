using System.Globalization;

namespace Governance.Benchmarks;

internal static class Figures
{
    public static double Percentile(IReadOnlyList<double> sorted, double p) =>
        sorted.Count == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(p * sorted.Count) - 1, 0, sorted.Count - 1)];

    public static string Describe(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"p50 {Percentile(sorted, 0.50):F0} ms, p95 {Percentile(sorted, 0.95):F0} ms, p99 {Percentile(sorted, 0.99):F0} ms, longest {Percentile(sorted, 1):F0} ms ({sorted.Count})"
        );
    }

    public static void Print(string name, string value) => Console.WriteLine($"  {name, -34} {value}");

    public static string Number(double value, string format = "F1") => value.ToString(format, CultureInfo.InvariantCulture);
}
