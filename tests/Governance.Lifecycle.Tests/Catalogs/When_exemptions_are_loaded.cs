using Governance.Catalog;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Catalogs;

public sealed class When_exemptions_are_loaded
{
    [Test]
    public void Should_be_part_of_their_conflict_by_ids()
    {
        var conflict = Load(Change("reason: Owners change nothing.", "reason: Owners change nothing.\n    exemptions: []"));

        Assert.That(Load(RichCatalog.Text).Content.Conflicts.Single(c => c.Id == "other").Exemptions, Is.Null);
        Assert.That(conflict.Digest, Is.EqualTo(Load(RichCatalog.Text).Digest));
    }

    [Test]
    public void Should_be_the_same_when_read_from_the_store()
    {
        var loaded = Load(RichCatalog.Text);

        var stored = CatalogLoader.FromStored(loaded.Digest, CatalogLoader.Canonical(loaded.Content));

        Assert.That(CatalogLoader.Canonical(stored.Content), Is.EqualTo(CatalogLoader.Canonical(loaded.Content)));
        Assert.That(stored.Content.Conflicts.Single(c => c.Id == "pay-and-approve").Exemptions, Has.Count.EqualTo(2));
        Assert.That(stored.Principal("agent-triage")!.Sponsor, Is.EqualTo(loaded.Find("omar@example.com")!.Id));
        Assert.That(stored.Principal("svc-reporting")!.Sponsor, Is.Null);
    }

    [TestCase("until: 2027-01-15T00:00:00Z", "until: 2027-01-16T00:00:00Z")]
    [TestCase("reason: The team is two people until February.", "reason: Another reason.")]
    [TestCase("sponsor: omar@example.com", "sponsor: lee@example.com")]
    public void Should_make_another_digest(string from, string to) =>
        Assert.That(Load(Change(from, to)).Digest, Is.Not.EqualTo(Load(RichCatalog.Text).Digest));

    [Test]
    public void Should_be_taken_as_the_documentation_has_them()
    {
        var readme = File.ReadAllText(RepositoryRoot.File("services", "Shared", "Catalog", "README.md"));
        var example = readme.Split("```")[1]["yaml\n".Length..];
        var sample = File.ReadAllText(Path.Combine(TestCatalog.Sample, "sample.yaml"));
        var start = sample.IndexOf("conflicts:", StringComparison.Ordinal);
        var end = sample.IndexOf("sources:", StringComparison.Ordinal);

        var loaded = Load(sample[..start] + example + "\n" + sample[end..]);

        Assert.That(loaded.Content.Conflicts.Single().Exemptions, Has.Count.EqualTo(1));
    }

    [TestCase("until: 2027-01-15T00:00:00Z", "until: 2027-12-02T07:00:00Z", Description = "366 days")]
    [TestCase("from: 2026-12-01T08:00:00+01:00", "from: 2027-01-14T23:59:59.999Z")]
    public void Should_be_taken(string from, string to) => Assert.That(() => Load(Change(from, to)), Throws.Nothing);

    private const string Year = "conflicts[pay-and-approve].exemptions[dana-year-end]";

    [TestCase("- id: dana-year-end", "- id: dana-october", "conflicts[].exemptions[].id: 'dana-october' appears 2 times")]
    [TestCase("- id: dana-year-end\n        human", "- human", "conflicts[pay-and-approve].exemptions[].id: is missing")]
    [TestCase("- id: dana-year-end", "- id: dana year", "conflicts[pay-and-approve].exemptions[dana year].id: ")]
    [TestCase("human: dana@example.com\n        from: 2026-12", "from: 2026-12", Year + ".human: is missing")]
    [TestCase("human: dana@example.com\n        from: 2026-12", "human: eve@example.com\n        from: 2026-12", Year + ".human: 'eve@")]
    [TestCase("human: dana@example.com\n        from: 2026-12", "human: svc-billing\n        from: 2026-12", Year + ".human: 'svc-")]
    [TestCase("        from: 2026-12-01T08:00:00+01:00\n", "", Year + ".from: is missing")]
    [TestCase("from: 2026-12-01T08:00:00+01:00", "from: 2026-12-01", Year + ".from: '2026-12-01' is no time")]
    [TestCase("from: 2026-12-01T08:00:00+01:00", "from: 2026-12-01T08:00:00", Year + ".from: ")]
    [TestCase("        until: 2027-01-15T00:00:00Z\n", "", Year + ".until: is missing")]
    [TestCase("until: 2027-01-15T00:00:00Z", "until: for ever", Year + ".until: 'for ever' is no time")]
    [TestCase("until: 2027-01-15T00:00:00Z", "until: 2026-12-01T07:00:00Z", Year + ".until: is not after")]
    [TestCase("until: 2027-01-15T00:00:00Z", "until: 2027-12-02T07:00:00.001Z", Year + ".until: is more than 366 days")]
    [TestCase("compensatingControl: omar@example.com reviews every payment of the day", "compensatingControl: ''", Year + ".compen")]
    [TestCase("        reason: The team is two people until February.\n", "", Year + ".reason: is missing")]
    [TestCase("        approvedBy: kim@example.com # first\n", "", Year + ".approvedBy: is missing")]
    [TestCase("approvedBy: kim@example.com # first", "approvedBy: lee@example.com", Year + ".approvedBy: 'lee@example.com' is not")]
    [TestCase("approvedBy: kim@example.com # first", "approvedBy: dana@example.com", Year + ".approvedBy: 'dana@example.com' is whom")]
    [TestCase("human: dana@example.com\n        from: 2026-12", "human: kim@example.com\n        from: 2026-12", Year + ".approvedBy: ")]
    [TestCase("approvedBy: kim@example.com # first", "approvedBy: kim@example.com\n        for: ever", "catalog.yaml:")]
    [TestCase("- id: other", "- id: pay-and-approve", "conflicts[].id: 'pay-and-approve' appears 2 times")]
    [TestCase("- id: other", "- id: the other", "conflicts[the other].id: ")]
    [TestCase("- id: other\n    entitlements", "- entitlements", "conflicts[].id: is missing")]
    [TestCase("sponsor: omar@example.com", "sponsor: eve@example.com", "principals[agent-triage].sponsor: 'eve@")]
    [TestCase("sponsor: omar@example.com", "sponsor: svc-billing", "principals[agent-triage].sponsor: 'svc-")]
    [TestCase("name: kim@example.com", "sponsor: omar@example.com, name: kim@example.com", "catalog.yaml:")]
    public void Should_be_refused_naming_the_field(string from, string to, string error) =>
        Assert.That(
            () => Load(Change(from, to)),
            Throws.TypeOf<CatalogException>().With.Property(nameof(CatalogException.Errors)).Some.Contains(error)
        );

    private static LoadedCatalog Load(string text) => CatalogLoader.Load([("catalog.yaml", text)]);

    private static string Change(string from, string to)
    {
        var at = RichCatalog.Text.IndexOf(from, StringComparison.Ordinal);
        Assert.That(at, Is.Not.Negative, from);
        return RichCatalog.Text[..at] + to + RichCatalog.Text[(at + from.Length)..];
    }
}
