using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.Catalogs;

/// <summary>The sample with every member that the sample does without.</summary>
internal static class RichCatalog
{
    public static string Text { get; } =
        File.ReadAllText(Path.Combine(TestCatalog.Sample, "sample.yaml"))
            .Replace("tier: 2 }", "tier: 2, activationBudget: PT5M }", StringComparison.Ordinal)
            .Replace("kind: ai-agent,", "kind: ai-agent, sponsor: omar@example.com,", StringComparison.Ordinal)
            .Replace(
                "\nsources:",
                """

                    exemptions:
                      - id: dana-year-end
                        human: dana@example.com
                        from: 2026-12-01T08:00:00+01:00
                        until: 2027-01-15T00:00:00Z
                        compensatingControl: omar@example.com reviews every payment of the day
                        reason: The team is two people until February.
                        approvedBy: kim@example.com # first
                      - { id: dana-october, human: dana@example.com, from: "2026-10-01T00:00:00Z", until: "2026-11-01T00:00:00Z", compensatingControl: c, reason: r, approvedBy: kim@example.com }
                  - id: other
                    entitlements: [orders-db/owner, orders-db/writer, ledger-db/approver]
                    reason: Owners change nothing.
                    owner: omar@example.com

                sources:
                """,
                StringComparison.Ordinal
            );
}
