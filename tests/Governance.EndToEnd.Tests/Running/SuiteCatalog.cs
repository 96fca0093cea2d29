using System.Globalization;
using System.Text;
using Governance.Testing;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>A catalog and policies of the suite's own; accounts and privileges carry a tag, since the target cluster is shared.</summary>
internal sealed class SuiteCatalog
{
    /// <summary>The owner who may take emergency access: of the principal of the same number, and of each as many after it as there are owners.</summary>
    public const int OnCall = 0;

    public SuiteCatalog(string tag, SuiteShape shape)
    {
        Tag = tag;
        _owners = shape.Owners;
        Targets = shape.Targets;
        Principals =
        [
            .. Enumerable
                .Range(0, shape.Principals)
                .Select(i => new LoadPrincipal($"svc-{i:00}", OwnerName(i % _owners), $"{tag}_svc_{i:00}")),
        ];
        Entitlements =
        [
            .. Enumerable.Range(0, 4).Select(i => new LoadEntitlement($"orders-db/read-{i}", "orders-db", "low", $"{tag}_orders_read_{i}")),
            .. Enumerable
                .Range(0, 2)
                .Select(i => new LoadEntitlement($"orders-db/write-{i}", "orders-db", "high", $"{tag}_orders_write_{i}")),
            new LoadEntitlement("orders-db/owner", "orders-db", "critical", $"{tag}_orders_owner"),
            new LoadEntitlement("ledger-db/approve", "ledger-db", "medium", $"{tag}_ledger_approve"),
            new LoadEntitlement("orders-logins/read", "orders-logins", "low", $"{tag}_orders_login"),
        ];
    }

    private readonly int _owners;

    public string Tag { get; }

    public IReadOnlyList<LoadPrincipal> Principals { get; }

    /// <summary>At the suite's own cluster.</summary>
    public IReadOnlyList<LoadEntitlement> Entitlements { get; }

    /// <summary>Beside that cluster.</summary>
    public IReadOnlyList<SuiteTarget> Targets { get; }

    public static IReadOnlyList<string> Approvers { get; } = ["omar@example.com", "lee@example.com"];

    public IReadOnlyList<LoadEntitlement> Open => [.. Entitlements.Where(e => e.Risk == "low" && e != Login)];

    /// <summary>With a login role for each grant.</summary>
    public LoadEntitlement Login => Entitlements.Single(e => e.Target == "orders-logins");

    public IReadOnlyList<LoadEntitlement> Gated => [.. Entitlements.Where(e => e.Risk == "high")];

    public LoadEntitlement Forbidden => Entitlements.Single(e => e.Risk == "critical");

    /// <summary>Writes <c>catalog/</c> and <c>policies/</c>.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="publisher">The broker's user whom the catalog believes what becomes of tickets.</param>
    public void Write(string directory, string publisher)
    {
        var catalog = Directory.CreateDirectory(Path.Combine(directory, "catalog")).FullName;
        File.WriteAllText(Path.Combine(catalog, "load.yaml"), Yaml(publisher));
        var policies = Directory.CreateDirectory(Path.Combine(directory, "policies")).FullName;
        foreach (
            var sample in new[]
            {
                "10-requests.cedar",
                "20-guardrails.cedar",
                "50-approvers.cedar",
                "60-reviewers.cedar",
                "80-break-glass.cedar",
            }
        )
        {
            File.Copy(RepositoryRoot.File("deploy", "policies", sample), Path.Combine(policies, sample));
        }

        File.WriteAllText(Path.Combine(policies, "30-load.cedar"), Policies);
    }

    /// <summary>The opaque id of an owner.</summary>
    public static string OwnerId(string name) => "p-" + name.Split('@')[0];

    private static string OwnerName(int i) => $"owner-{i.ToString(CultureInfo.InvariantCulture)}@example.com";

    private string Yaml(string publisher)
    {
        var yaml = new StringBuilder("targets:\n");
        foreach (
            var (target, kind) in new[]
            {
                ("orders-db", "postgresql"),
                ("ledger-db", "postgresql"),
                ("orders-logins", "postgresql-login"),
            }.Concat(Targets.Select(t => (t.Kind, t.Kind)))
        )
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  - {{ id: {target}, kind: {kind}, environment: production, tier: 2 }}\n");
        }

        yaml.Append("entitlements:\n");
        foreach (var e in Entitlements.Concat(Targets.SelectMany(t => t.Entitlements)))
        {
            yaml.Append(
                CultureInfo.InvariantCulture,
                $"  - {{ id: {e.Id}, target: {e.Target}, risk: {e.Risk}, maxDuration: PT2H, owner: kim@example.com, privilege: {Quoted(e.Privilege)}, privileges: [some] }}\n"
            );
        }

        yaml.Append("people:\n");
        for (var i = 0; i < _owners; i++)
        {
            var groups = i == OnCall ? ", groups: [dba-oncall]" : "";
            yaml.Append(CultureInfo.InvariantCulture, $"  - {{ id: p-owner-{i}, name: {OwnerName(i)}{groups} }}\n");
        }

        yaml.Append("  - { id: p-omar, name: omar@example.com, groups: [dba-oncall] }\n");
        yaml.Append("  - { id: p-lee, name: lee@example.com, groups: [dba-oncall] }\n");
        yaml.Append("  - { id: p-kim, name: kim@example.com, groups: [auditors] }\n");
        yaml.Append("principals:\n");
        foreach (var (i, p) in Principals.Index())
        {
            var others = string.Concat(Targets.Select(t => $", {t.Kind}: {Quoted(t.Accounts[i])}"));
            yaml.Append(
                CultureInfo.InvariantCulture,
                $"  - {{ id: {p.Id}, kind: service-account, owner: {p.Owner}, environment: production, accounts: {{ orders-db: {p.Account}, ledger-db: {p.Account}, orders-logins: {p.Account}{others} }} }}\n"
            );
        }

        yaml.Append("sources:\n");
        yaml.Append(
            CultureInfo.InvariantCulture,
            $"  - {{ source: '{AccessRequest.Itsm}', users: [{publisher}], trustedFor: [tickets] }}\n"
        );
        yaml.Append("conflicts:\n");
        yaml.Append(
            "  - { id: write-and-approve, entitlements: [orders-db/write-0, ledger-db/approve], reason: Four eyes., owner: kim@example.com }\n"
        );
        return yaml.ToString();
    }

    private static string Quoted(string name) => "'" + name.Replace("'", "''", StringComparison.Ordinal) + "'";

    private const string Policies = """
        @id("load-low-and-medium")
        @reason("Low and medium risk is issued at once.")
        @risk("low")
        @rationale("A test.")
        permit (principal, action in Governance::Action::"hold", resource)
        when { (resource.risk == "low" || resource.risk == "medium") && context.duration <= resource.maxDuration };

        @id("load-high")
        @reason("High risk, behind the gate.")
        @risk("high")
        @rationale("Never without an approval: the gate applies to every high risk.")
        permit (principal, action in Governance::Action::"hold", resource)
        when { resource.risk == "high" && context.duration <= resource.maxDuration };

        @id("load-high-needs-a-dba")
        @reason("A database administrator must agree.")
        @approval("1 of group:dba-oncall")
        forbid (
          principal,
          action in [Governance::Action::"issue", Governance::Action::"renew"],
          resource in Governance::Target::"orders-db"
        )
        when { resource.risk == "high" };
        """;
}

/// <summary>A principal with its owner's name and its account at the targets.</summary>
internal sealed record LoadPrincipal(string Id, string Owner, string Account);

/// <summary>An entitlement with the role that stands for it.</summary>
internal sealed record LoadEntitlement(string Id, string Target, string Risk, string Privilege);
