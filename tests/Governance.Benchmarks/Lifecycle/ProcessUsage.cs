using System.Globalization;

namespace Governance.Benchmarks.Lifecycle;

/// <summary>CPU seconds and memory of the suite's processes, from /proc. Pages that processes share count once, in parts.</summary>
internal sealed class ProcessUsage
{
    private const double TicksPerSecond = 100;
    private readonly Dictionary<string, (double Cpu, long Memory)> _usage = new(StringComparer.Ordinal);

    public static ProcessUsage Read()
    {
        var usage = new ProcessUsage();
        var byCommand = Directory
            .EnumerateDirectories("/proc")
            .Where(d => Path.GetFileName(d).All(char.IsAsciiDigit))
            .Select(Describe)
            .OfType<(string Name, double Cpu, long Memory)>();
        foreach (var (name, cpu, memory) in byCommand)
        {
            var known = usage._usage.GetValueOrDefault(name);
            usage._usage[name] = (known.Cpu + cpu, known.Memory + memory);
        }

        return usage;
    }

    public IEnumerable<(string Name, double Cpu, long Memory)> Since(ProcessUsage earlier) =>
        _usage
            .Select(u => (u.Key, u.Value.Cpu - earlier._usage.GetValueOrDefault(u.Key).Cpu, u.Value.Memory))
            .OrderByDescending(u => u.Item2);

    private static (string Name, double Cpu, long Memory)? Describe(string directory)
    {
        try
        {
            var command = File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' ');
            var name =
                LocalSuite.Services.FirstOrDefault(s =>
                    command.Contains($"Governance.{char.ToUpperInvariant(s[0])}{s[1..]}.dll", StringComparison.Ordinal)
                )
                ?? (
                    command.Contains("beam.smp", StringComparison.Ordinal) ? "rabbitmq"
                    : command.StartsWith("postgres", StringComparison.Ordinal)
                    || command.Contains("/bin/postgres", StringComparison.Ordinal)
                        ? "postgresql"
                    : null
                );
            if (name is null)
            {
                return null;
            }

            var stat = File.ReadAllText(Path.Combine(directory, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            // Its own and, for a server that has a process for each session, that of those which have ended.
            var cpu = fields[11..15].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
            var pss = File.ReadLines(Path.Combine(directory, "smaps_rollup")).First(l => l.StartsWith("Pss:", StringComparison.Ordinal));
            return (name, cpu, long.Parse(pss[4..^2], CultureInfo.InvariantCulture) * 1024);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return null; // It ended meanwhile.
        }
    }
}
