using Governance.Catalog;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.Catalogs;

public sealed class When_a_catalog_is_loaded
{
    private string _directory = "";

    [SetUp]
    public void CopySample()
    {
        _directory = Directory.CreateTempSubdirectory("governance-catalog-").FullName;
        File.Copy(Path.Combine(TestCatalog.Sample, "sample.yaml"), Path.Combine(_directory, "sample.yaml"));
    }

    [TearDown]
    public void Delete() => Directory.Delete(_directory, recursive: true);

    [TestCase("kind: postgresql, environment: production, tier: 2", "environment: production, tier: 2", "targets[orders-db].kind")]
    [TestCase("environment: production, tier: 2", "tier: 2", "targets[orders-db].environment")]
    [TestCase("- { id: ledger-db, ", "- { id: orders-db, ", "targets[].id")]
    [TestCase("target: ledger-db", "target: no-db", "entitlements[ledger-db/approver].target")]
    [TestCase("risk: low", "risk: tiny", "entitlements[orders-db/readonly].risk")]
    [TestCase("maxDuration: PT8H", "maxDuration: 8h", "entitlements[orders-db/readonly].maxDuration")]
    [TestCase("maxDuration: PT8H", "maxDuration: PT0S", "entitlements[orders-db/readonly].maxDuration")]
    [TestCase("owner: omar@example.com", "owner: nobody@example.com", "entitlements[ledger-db/approver].owner")]
    [TestCase("privilege: ledger_approver", "privilege:", "entitlements[ledger-db/approver].privilege")]
    [TestCase("- id: orders-db/owner", "- id: orders-db", "entitlements[orders-db].id")]
    [TestCase("- id: orders-db/owner", "- id: orders-db/writer", "entitlements[].id")]
    [TestCase("{ id: p-90a4c6f2, name: kim@example.com", "{ id: p-90a4c6f2, name: lee@example.com", "people[].name")]
    [TestCase("{ id: p-90a4c6f2, name: kim@example.com", "{ name: kim@example.com", "people[].id")]
    [TestCase("{ id: p-90a4c6f2, name: kim@example.com", "{ id: svc-billing, name: kim@example.com", "people[].id and principals[].id")]
    [TestCase("{ id: p-90a4c6f2, name: kim@example.com", "{ id: omar@example.com, name: kim@example.com", "is the name of")]
    [TestCase("{ id: p-90a4c6f2, name: kim@example.com", "{ id: p-90a4c6f2, name: \"kim\u00A0example\"", "people[p-90a4c6f2].name")]
    [TestCase("{ id: p-90a4c6f2, name: kim@example.com", "{ id: p-90a4c6f2, name: \"kim \"", "people[p-90a4c6f2].name")]
    [TestCase("id: svc-billing, kind: service-account", "id: svc-billing, kind: human", "principals[svc-billing].kind")]
    [TestCase(
        "id: svc-billing, kind: service-account, owner: dana",
        "id: svc-billing, kind: service-account, owner: nobody",
        "principals[svc-billing].owner"
    )]
    [TestCase("accounts: { orders-db: svc_billing", "accounts: { other-db: svc_billing", "principals[svc-billing].accounts")]
    [TestCase(
        "entitlements: [orders-db/writer, ledger-db/approver]",
        "entitlements: [orders-db/writer, ledger-db/nothing]",
        "conflicts[pay-and-approve].entitlements"
    )]
    [TestCase(
        "entitlements: [orders-db/writer, ledger-db/approver]",
        "entitlements: [orders-db/writer]",
        "conflicts[pay-and-approve].entitlements"
    )]
    [TestCase("reason: Whoever writes orders must not approve their payment.", "reason: ''", "conflicts[pay-and-approve].reason")]
    [TestCase("users: [itsm]", "users: [itsm]\n    owner: nobody@example.com", "sources[https://itsm.example.com/servicenow].owner")]
    [TestCase("users: [itsm]", "users: [itsm]\n    states: { done: fine }", "sources[https://itsm.example.com/servicenow].states.done")]
    [TestCase(
        "users: [itsm]",
        "users: [itsm]\n    states: { Done: closed, done: open }",
        "sources[https://itsm.example.com/servicenow].states.done"
    )]
    [TestCase("trustedFor: [tickets,", "trustedFor: [everything,", "sources[https://itsm.example.com/servicenow].trustedFor")]
    [TestCase(
        "users: [itsm]",
        "users: [itsm]\n    callers: [dana@example.com]",
        "sources[https://itsm.example.com/servicenow].callers",
        Description = "no person is a source"
    )]
    [TestCase("environment: production, tier: 2", "environment: production, colour: blue", "sample.yaml:3")]
    [TestCase("privilege: orders_writer", "privilege: orders_readonly", "entitlements[orders-db/readonly].privilege")]
    [TestCase("orders-db: svc_billing,", "orders-db: svc_reporting,", "principals[svc-billing].accounts.orders-db")]
    [TestCase("tier: 2 }", "tier: 2, activationBudget: soon }", "targets[orders-db].activationBudget")]
    [TestCase("tier: 2 }", "tier: 2, activationBudget: PT0.5S }", "targets[orders-db].activationBudget")]
    [TestCase("tier: 2 }", "tier: 2, activationBudget: P2D }", "targets[orders-db].activationBudget")]
    [TestCase("risk: low", "risk: low\n    risk: high", "sample.yaml:")]
    [TestCase("targets:", "targets: {", "sample.yaml:")]
    public void Should_be_refused_naming_the_field(string from, string to, string field)
    {
        Change(from, to);

        Assert.That(
            () => CatalogLoader.Load(_directory),
            Throws
                .TypeOf<CatalogException>()
                .With.Property(nameof(CatalogException.Errors))
                .Matches(Has.Some.Match(@"\Asample\.yaml:[0-9]+:[0-9]+: .+") & Has.Some.Contains(field))
        );
    }

    [TestCase(
        "kind: postgresql, environment: production, tier: 2",
        "kind: postgres, environment: production, tier: 2",
        "sample.yaml:3:28: targets[orders-db].kind: there is no connector for 'postgres'",
        "did you mean 'postgresql'?"
    )]
    [TestCase(
        "target: ledger-db",
        "target: leger-db",
        "sample.yaml:29:13: entitlements[ledger-db/approver].target: 'leger-db' is no target",
        "did you mean 'ledger-db'?"
    )]
    [TestCase(
        "owner: omar@example.com",
        "owner: omr@example.com",
        "sample.yaml:32:12: entitlements[ledger-db/approver].owner: ",
        "did you mean 'omar@example.com'?"
    )]
    [TestCase(
        "[orders-db/writer, ledger-db/approver]",
        "[orders-db/writer, ledger-db/aprover]",
        "sample.yaml:49:38: conflicts[pay-and-approve].entitlements: ",
        "did you mean 'ledger-db/approver'?"
    )]
    [TestCase(
        "accounts: { orders-db: svc_billing",
        "accounts: { order-db: svc_billing",
        "principals[svc-billing].accounts: 'order-db' is no target",
        "did you mean 'orders-db'?"
    )]
    [TestCase(
        "principals:",
        "principal:",
        ": principal: there is no such field; a catalog has targets, entitlements, people, principals, conflicts, sources",
        "did you mean 'principals'?"
    )]
    [TestCase(
        "tier: 2 }",
        "tierr: 2 }",
        "sample.yaml:3:65: targets[0].tierr: there is no such field; it has id, kind,",
        "did you mean 'tier'?"
    )]
    [TestCase("tier: 2 }", "tier: two }", ": targets[0].tier: 'two' is no whole number; give one, for example 2", "")]
    [TestCase("tier: 2 }", "tier: [2] }", ": targets[0].tier: this is no whole number", "")]
    [TestCase("tier: 2 }", "tier: 99999999999 }", ": targets[0].tier: '99999999999' is no whole number", "")]
    [TestCase("name: kim@example.com", "name: kim@example.com, active: perhaps", ".active: 'perhaps' is neither true nor false", "")]
    [TestCase("groups: [auditors]", "groups: auditors", "].groups: takes a list", "")]
    [TestCase("orders-db: svc_billing,", "orders-db: svc_reporting,", "has the same one", "sample.yaml:4")]
    [TestCase("- { id: ledger-db, ", "- { id: orders-db, ", "sample.yaml:4:11: targets[].id: 'orders-db' appears 2 times", "")]
    public void Should_be_refused_with_the_place_and_what_may_have_been_meant(string from, string to, string error, string hint)
    {
        Change(from, to);

        var refused = Assert.Throws<CatalogException>(() => CatalogLoader.Load(_directory))!;

        Assert.That(refused.Errors, Has.Some.Contains(error).And.Some.Contains(hint));
        Assert.That(refused.Errors, Has.None.Contains("Governance.Catalog"), "nobody who writes a catalog knows its types");
    }

    [Test]
    public void Should_take_a_kind_that_the_installation_has_a_connector_of_its_own_for()
    {
        Change("kind: postgresql", "kind: mainframe");

        Assert.That(() => CatalogLoader.Load(_directory), Throws.TypeOf<CatalogException>());
        Assert.That(() => CatalogLoader.Load(_directory, ["mainframe"]), Throws.Nothing);
    }

    [Test]
    public void Should_be_refused_where_a_target_tells_names_apart_by_case_only()
    {
        Change("privilege: orders_writer", "privilege: Orders_Readonly");
        Assert.That(() => CatalogLoader.Load(_directory), Throws.Nothing, "two roles of PostgreSQL");

        Change("id: orders-db, kind: postgresql", "id: orders-db, kind: scim");
        Assert.That(() => CatalogLoader.Load(_directory), Throws.TypeOf<CatalogException>(), "one group");
    }

    [Test]
    public void Should_be_refused_with_every_error_at_once()
    {
        Change("risk: low", "risk: tiny");
        Change("owner: omar@example.com", "owner: nobody@example.com");
        Change("maxDuration: PT2H", "maxDuration: soon");

        var refused = Assert.Throws<CatalogException>(() => CatalogLoader.Load(_directory))!;

        Assert.That(refused.Errors, Has.Count.EqualTo(3));
    }

    [Test]
    public void Should_be_refused_without_its_directory() =>
        Assert.That(() => CatalogLoader.Load(Path.Combine(_directory, "none")), Throws.TypeOf<CatalogException>());

    [Test]
    public void Should_have_the_digest_it_always_had()
    {
        // Evidence names catalogs by digest: the canonical form must never change for the same content.
        Assert.That(CatalogLoader.Load(_directory).Digest["sha256:".Length..], Is.EqualTo(SampleDigest));
    }

    [Test]
    public void Should_have_the_same_digest_whatever_the_order_and_the_files()
    {
        var digest = CatalogLoader.Load(_directory).Digest;
        var lines = File.ReadAllLines(Path.Combine(_directory, "sample.yaml")).ToList();
        var cut = lines.FindIndex(l => l.StartsWith("principals:", StringComparison.Ordinal));
        File.WriteAllLines(Path.Combine(_directory, "zz.yaml"), lines.Take(cut));
        File.WriteAllLines(Path.Combine(_directory, "sample.yaml"), lines.Skip(cut));

        Assert.That(CatalogLoader.Load(_directory).Digest, Is.EqualTo(digest));
    }

    [TestCase("maxDuration: PT8H", "maxDuration: PT7H")]
    [TestCase("groups: [auditors]", "groups: [auditors, dba-oncall]")]
    [TestCase("users: [itsm]", "users: [itsm, other]")]
    [TestCase("requester]", "requester, delegation]")]
    [TestCase("users: [itsm]", "users: [itsm]\n    callers: [svc-reporting]")]
    [TestCase("tier: 2 }", "tier: 2, activationBudget: PT5M }")]
    public void Should_have_another_digest_for_other_content(string from, string to)
    {
        var digest = CatalogLoader.Load(_directory).Digest;
        Change(from, to);

        Assert.That(CatalogLoader.Load(_directory).Digest, Is.Not.EqualTo(digest));
    }

    [Test]
    public void Should_be_the_same_when_read_from_the_store()
    {
        var loaded = CatalogLoader.Load(_directory);

        var stored = CatalogLoader.FromStored(loaded.Digest, CatalogLoader.Canonical(loaded.Content));

        Assert.That(CatalogLoader.Canonical(stored.Content), Is.EqualTo(CatalogLoader.Canonical(loaded.Content)));
        Assert.That(stored.ConflictsOf(TestCatalog.Writer), Is.EqualTo(new[] { TestCatalog.Approver }));
        Assert.That(stored.OwnedBy(TestCatalog.Dana), Is.EqualTo(new[] { "agent-triage", "svc-billing", "svc-reporting" }));
        Assert.That(stored.TrustOf("https://itsm.example.com/servicenow", "somebody"), Is.Empty);
    }

    [TestCase("itsm", "", true)]
    [TestCase("", "svc-reporting", true)]
    [TestCase("itsm", "svc-billing", true)]
    [TestCase("svc-reporting", "itsm", false, Description = "a user of the broker is no principal")]
    [TestCase("", "svc-billing", false)]
    [TestCase("", "", false)]
    public void Should_let_a_source_be_proven_by_its_users_and_callers(string user, string caller, bool proven)
    {
        Change("users: [itsm]", "users: [itsm]\n    callers: [svc-reporting]");
        var catalog = CatalogLoader.Load(_directory);

        Assert.That(catalog.IsProven("https://itsm.example.com/servicenow", user, caller), Is.EqualTo(proven));
        Assert.That(catalog.TrustOf("https://itsm.example.com/servicenow", user, caller), proven ? Is.Not.Empty : Is.Empty);
        Assert.That(catalog.IsProven("https://itsm.example.com/other", user, caller), Is.False);
    }

    private const string SampleDigest = "7a54885ff528bd43d898f434035b05584ce943315d7338e75d45a8f17c24b5a2";

    private void Change(string from, string to)
    {
        var path = Path.Combine(_directory, "sample.yaml");
        var text = File.ReadAllText(path);
        Assert.That(text, Does.Contain(from));
        var at = text.IndexOf(from, StringComparison.Ordinal);
        File.WriteAllText(path, text[..at] + to + text[(at + from.Length)..]);
    }
}
