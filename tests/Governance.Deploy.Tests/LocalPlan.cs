using Governance.Testing;

namespace Governance.Deploy.Tests;

/// <summary>What <c>deploy/local/up --plan</c> says it would start: variables by service, and the servers' ports.</summary>
internal static class LocalPlan
{
    private const string Servers = "servers";

    public static async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> ServicesAsync() =>
        (await ReadAsync())
            .Where(group => !string.Equals(group.Key, Servers, StringComparison.Ordinal))
            .ToDictionary(group => group.Key, group => group.Value, StringComparer.Ordinal);

    public static async Task<IReadOnlyDictionary<string, string>> ServerPortsAsync() => (await ReadAsync())[Servers];

    private static async Task<Dictionary<string, IReadOnlyDictionary<string, string>>> ReadAsync()
    {
        var plan = await Command.RunAsync(RepositoryRoot.File("deploy", "local", "up"), ["--plan"], TimeSpan.FromMinutes(1));
        if (!plan.Succeeded)
        {
            throw new InvalidOperationException($"up --plan failed: {plan.Error}");
        }

        return plan
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2))
            .GroupBy(parts => parts[0], parts => parts[1].Split('=', 2), StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                IReadOnlyDictionary<string, string> (group) => group.ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal),
                StringComparer.Ordinal
            );
    }
}
