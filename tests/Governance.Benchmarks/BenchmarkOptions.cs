using System.Globalization;

namespace Governance.Benchmarks;

internal sealed record BenchmarkOptions
{
    public int Requests { get; private set; } = 3000;
    public int WarmUp { get; private set; } = 300;
    public int Unloaded { get; private set; } = 100;
    public int Window { get; private set; } = 128;
    public int Principals { get; private set; } = 1000;
    public int Owners { get; private set; } = 200;
    public int Duration { get; private set; } = 5;
    public int Deadlines { get; private set; } = 1_000_000;
    public int Rate { get; private set; } = 50;
    public int Together { get; private set; } = 1000;
    public bool HotOwner { get; private set; }

    public static BenchmarkOptions Parse(ReadOnlySpan<string> args) => Parse(args, new BenchmarkOptions());

    /// <summary>For a backlog: few owners, and all at once.</summary>
    public static BenchmarkOptions ParseBacklog(ReadOnlySpan<string> args)
    {
        var options = Parse(args, new BenchmarkOptions { Requests = 2000, Owners = 6 });
        options.Window = options.Requests;
        return options;
    }

    private static BenchmarkOptions Parse(ReadOnlySpan<string> args, BenchmarkOptions options)
    {
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--hot-owner")
            {
                options.HotOwner = true;
                continue;
            }

            if (i + 1 == args.Length || !int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out var value) || value < 1)
            {
                throw new BenchmarkException($"'{args[i]}': a whole number above zero must follow; see --help");
            }

            switch (args[i++])
            {
                case "--requests":
                    options.Requests = value;
                    break;
                case "--warm-up":
                    options.WarmUp = value;
                    break;
                case "--unloaded":
                    options.Unloaded = value;
                    break;
                case "--window":
                    options.Window = value;
                    break;
                case "--principals":
                    options.Principals = value;
                    break;
                case "--owners":
                    options.Owners = value;
                    break;
                case "--deadlines":
                    options.Deadlines = value;
                    break;
                case "--rate":
                    options.Rate = value;
                    break;
                case "--together":
                    options.Together = value;
                    break;
                case "--duration":
                    options.Duration = value;
                    break;
                default:
                    throw new BenchmarkException($"'{args[i - 1]}': no such option; see --help");
            }
        }

        return options;
    }
}

internal sealed class BenchmarkException(string message) : Exception(message);
