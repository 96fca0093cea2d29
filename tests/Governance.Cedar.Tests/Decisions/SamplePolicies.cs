using Governance.Cedar.Bundles;

namespace Governance.Cedar.Tests;

/// <summary>The policies of deploy/policies.</summary>
internal static class SamplePolicies
{
    /// <summary>A permit as a team adds its own: to everything at a target that the sample catalog does not have.</summary>
    public const string OfTheQueue = """
        @id("queue") @risk("low") @rationale("test")
        permit(principal, action in Governance::Action::"hold", resource in Governance::Target::"queue");
        """;

    private static readonly Lazy<PolicyBundle> Sample = new(() => Load());

    private static readonly Lazy<PolicyBundle> Extended = new(() => Load(new PolicyFile("queue.cedar", OfTheQueue)));

    public static PolicyBundle Bundle => Sample.Value;

    public static PolicyBundle WithTheQueue => Extended.Value;

    private static PolicyBundle Load(params PolicyFile[] more)
    {
        var directory = Path.Combine(TestContext.CurrentContext.TestDirectory, "sample-policies");
        var result = PolicyBundle.FromFiles(TheEngine.Shared, [.. Files(directory), .. more]);
        return result.Bundle ?? throw new AssertionException(string.Join("\n", result.Faults));
    }

    private static IEnumerable<PolicyFile> Files(string directory) =>
        Directory.GetFiles(directory, "*.cedar").Select(path => new PolicyFile(Path.GetFileName(path), File.ReadAllText(path)));
}
