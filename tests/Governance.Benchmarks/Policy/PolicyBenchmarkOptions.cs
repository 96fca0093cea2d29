using System.Globalization;

namespace Governance.Benchmarks.Policy;

internal sealed record PolicyBenchmarkOptions(int Evaluations, bool Million)
{
    public static PolicyBenchmarkOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new PolicyBenchmarkOptions(4000, Million: false);
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--million" => options with { Million = true },
                "--evaluations" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var n) && n > 0 =>
                    options with
                    {
                        Evaluations = n,
                    },
                "--evaluations" => throw new BenchmarkException("'--evaluations': a whole number above zero must follow; see --help"),
                _ => throw new BenchmarkException($"'{args[i]}': no such option; see --help"),
            };
            i += args[i] is "--evaluations" ? 1 : 0;
        }

        return options;
    }
}
