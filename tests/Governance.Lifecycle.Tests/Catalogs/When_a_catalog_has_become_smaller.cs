using Governance.Catalog;

namespace Governance.Lifecycle.Tests.Catalogs;

public sealed class When_a_catalog_has_become_smaller
{
    [TestCase(10, 5, ExpectedResult = "", TestName = "As many as may")]
    [TestCase(10, 6, ExpectedResult = "6 of 10 people, 4 left", TestName = "More than the count and the share")]
    [TestCase(100, 6, ExpectedResult = "", TestName = "More than the count alone")]
    [TestCase(100, 11, ExpectedResult = "11 of 100 people, 89 left", TestName = "More than the share of many")]
    [TestCase(3, 3, ExpectedResult = "3 of 3 people, 0 left", TestName = "All of few")]
    [TestCase(3, 2, ExpectedResult = "", TestName = "Nearly all of few")]
    public string Should_be_judged_part_by_part(int before, int gone) =>
        Losses(Content(Enumerable.Range(0, before)), Content(Enumerable.Range(gone, before - gone)));

    [Test]
    public void Should_count_who_is_gone_and_not_how_many_there_are() =>
        Assert.That(Losses(Content(Enumerable.Range(0, 20)), Content(Enumerable.Range(20, 40))), Is.EqualTo("20 of 20 people, 40 left"));

    [Test]
    public void Should_never_be_so_when_it_grows() => Assert.That(Losses(Content([]), Content(Enumerable.Range(0, 40))), Is.Empty);

    [Test]
    public void Should_be_so_when_the_last_conflict_is_gone()
    {
        var sample = CatalogLoader.Load(Running.TestCatalog.Sample).Content;

        Assert.That(Losses(sample, sample with { Conflicts = [] }), Is.EqualTo("1 of 1 conflicts, 0 left"));
    }

    private static CatalogContent Content(IEnumerable<int> people) =>
        CatalogLoader
            .Make(
                new CatalogFile
                {
                    People =
                    [
                        .. people.Select(n => new PersonEntry
                        {
                            Id = FormattableString.Invariant($"p-{n}"),
                            Name = FormattableString.Invariant($"n-{n}"),
                        }),
                    ],
                }
            )
            .Content;

    private static string Losses(CatalogContent older, CatalogContent newer) =>
        string.Join(
            "; ",
            CatalogShrink
                .Of(older, newer, share: 0.1, count: 5)
                .Select(l => FormattableString.Invariant($"{l.Missing} of {l.Before} {l.Part}, {l.Now} left"))
        );
}
