using System.Globalization;
using System.Text;
using Governance.Cedar;
using Governance.Cedar.Bundles;

namespace Governance.Benchmarks.Policy;

/// <summary>Bundles of so many policies: those of deploy/policies, and beyond them a permit for each of many entitlements.</summary>
internal static class Library
{
    // What the questions of this benchmark need at least.
    private static readonly string[] Fewest =
    [
        "request-for-oneself-or-an-own-identity",
        "request-by-the-inactive",
        "inactive-grantee",
        "no-active-owner",
        "environment-isolation",
        "separation-of-duties",
        "orders-db-readonly",
        "orders-db-writer",
        "high-risk-needs-a-dba",
        "approve-as-dba-on-call",
    ];

    public static PolicyBundle Load(CedarEngine engine, int policies)
    {
        var all = Accepted(PolicyBundle.LoadDirectory(engine, Path.Combine(Checkout.Root(), "deploy", "policies")));
        var files =
            policies == Fewest.Length
                ? Fewest.Select(id => new PolicyFile(id, all.Policies[id].Text))
                : all
                    .Policies.Values.Select(policy => new PolicyFile(policy.Id, policy.Text))
                    .Append(new PolicyFile("generated", Generate(policies - all.Policies.Count)));
        var bundle = Accepted(PolicyBundle.FromFiles(engine, files));
        return bundle.Policies.Count == policies
            ? bundle
            : throw new BenchmarkException($"{bundle.Policies.Count} policies, not {policies}.");
    }

    private static PolicyBundle Accepted(PolicyBundleResult result) =>
        result.Bundle ?? throw new BenchmarkException(string.Join("\n", result.Faults));

    private static string Generate(int count)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $$"""
                @id("target-{{i / 5}}/right-{{i
                    % 5}}") @reason("A right of its own.") @maxDuration("PT4H") @risk("low") @rationale("Generated.")
                permit (
                  principal,
                  action in Governance::Action::"hold",
                  resource == Governance::Entitlement::"target-{{i / 5}}/right-{{i % 5}}"
                )
                when { context has ticket && context.ticket has state && context.ticket.state == "approved" };

                """
            );
        }

        return text.ToString();
    }
}
