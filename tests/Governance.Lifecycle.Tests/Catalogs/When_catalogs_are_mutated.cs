using System.Text.RegularExpressions;
using Governance.Catalog;

namespace Governance.Lifecycle.Tests.Catalogs;

/// <summary>A fixed seed: the same catalogs every time. Whoever edits the files can't end the service by what they hold.</summary>
public sealed partial class When_catalogs_are_mutated
{
    private const int Seed = 20261123;

    private static readonly string[] Values =
    [
        "",
        "~",
        "''",
        "'  '",
        "true",
        "0",
        "-1",
        "99999999999999999999",
        "1e999",
        ".nan",
        "[]",
        "{}",
        "[~]",
        "[[]]",
        "[a, a]",
        "[a, ~, '']",
        "{ a: ~ }",
        "{ ~: a }",
        "{ ? [a] : b }",
        "[{ id: ~ }]",
        "{ id: { id: id } }",
        "&a [*a]",
        "*nowhere",
        "&a x",
        "!!binary x",
        "!!int 7",
        "!other x",
        "<<",
        "2026-12-01",
        "2026-13-01T00:00:00Z",
        "0000-00-00T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:60-14:00",
        "P9999999999D",
        "\"\\uD800\"",
        "\"\\0\"",
        "\"a\\nb\"",
        "'žofie 🔑'",
        "dana@example.com",
        "orders-db/writer",
        "kim@example.com",
        "pay-and-approve",
        new string('x', 5000),
        new string('[', 2000),
        string.Concat(Enumerable.Repeat("{a: ", 2000)),
    ];

    [Test]
    public void Should_load_or_say_what_is_wrong_whatever_a_member_holds()
    {
        var random = new Random(Seed);
        var loaded = 0;
        for (var i = 0; i < 6000; i++)
        {
            var text = RichCatalog.Text;
            for (var n = random.Next(4) == 0 ? 2 : 1; n > 0; n--)
            {
                text = MutateMember(text, random);
            }

            loaded += Judge(text) ? 1 : 0;
        }

        Assert.That(loaded, Is.InRange(100, 5000), "else nothing behind the first check was reached, or nothing was wrong");
    }

    [Test]
    public void Should_load_or_say_what_is_wrong_whatever_the_text()
    {
        var random = new Random(Seed);
        var loaded = 0;
        for (var i = 0; i < 4000; i++)
        {
            var text = RichCatalog.Text;
            for (var n = random.Next(1, 5); n > 0; n--)
            {
                text = MutateText(text, random);
            }

            loaded += Judge(text) ? 1 : 0;
        }

        Assert.That(loaded, Is.InRange(100, 3500));
    }

    /// <summary>Every one of the values in every member.</summary>
    [TestCaseSource(nameof(EachValue))]
    public void Should_load_or_say_what_is_wrong_with(string value)
    {
        foreach (var member in Member().EnumerateMatches(RichCatalog.Text))
        {
            var (at, length) = ValueOf(RichCatalog.Text, member.Index);
            Judge(RichCatalog.Text[..at] + value + RichCatalog.Text[(at + length)..]);
        }
    }

    private static IEnumerable<TestCaseData> EachValue() =>
        Values.Select(v => new TestCaseData(v).SetArgDisplayNames(v.Length > 20 ? v[..20] + "…" : v));

    private static bool Judge(string text)
    {
        LoadedCatalog catalog;
        try
        {
            catalog = CatalogLoader.Load([("catalog.yaml", text)]);
        }
        catch (CatalogException e)
        {
            Assert.That(e.Errors, Is.Not.Empty.And.All.Not.Empty);
            return false;
        }
        catch (Exception e) when (e is not AssertionException)
        {
            Assert.Fail($"{e.GetType()}: {e.Message}\n{e.StackTrace}\n{text}");
            return false;
        }

        AssertIsWhatACatalogPromises(catalog);
        return true;
    }

    private static void AssertIsWhatACatalogPromises(LoadedCatalog catalog)
    {
        var content = catalog.Content;
        var people = content.Principals.Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        Assert.That(content.Principals.Where(p => p.Sponsor is not null).Select(p => p.Sponsor!), Is.SubsetOf(people));
        Assert.That(content.Conflicts.Select(c => c.Id), Is.Unique.And.All.Not.Empty);
        Assert.That(content.Conflicts.SelectMany(c => c.Exemptions ?? []).Select(e => e.Id), Is.Unique.And.All.Not.Empty);
        foreach (var (conflict, exemption) in content.Conflicts.SelectMany(c => (c.Exemptions ?? []).Select(e => (c, e))))
        {
            Assert.That(exemption.ApprovedBy, Is.EqualTo(conflict.Owner).And.Not.EqualTo(exemption.Human));
            Assert.That(exemption.Until - exemption.From, Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(TimeSpan.FromDays(366)));
            Assert.That(people, Does.Contain(exemption.Human));
            Assert.That(exemption.CompensatingControl, Is.Not.Empty);
            Assert.That(exemption.Reason, Is.Not.Empty);
        }

        var canonical = CatalogLoader.Canonical(content);
        Assert.That(CanonicalJson.Digest(canonical), Is.EqualTo(catalog.Digest));
        Assert.That(CatalogLoader.Canonical(CatalogLoader.FromStored(catalog.Digest, canonical).Content), Is.EqualTo(canonical));
    }

    private static string MutateMember(string text, Random random)
    {
        var members = Member().Matches(text);
        if (members.Count == 0)
        {
            return text;
        }

        var member = members[random.Next(members.Count)];
        var (at, length) = ValueOf(text, member.Index);
        var end = at + length;
        return random.Next(6) switch
        {
            0 => text[..member.Index] + text[end..],
            1 => text[..end] + "\n" + text[member.Index..end] + text[end..],
            2 => text[..member.Index] + member.Value[..^1] + "s:" + text[(member.Index + member.Length)..],
            3 => text[..member.Index] + member.Value.ToUpperInvariant() + text[(member.Index + member.Length)..],
            _ => text[..at] + Values[random.Next(Values.Length)] + text[end..],
        };
    }

    private static string MutateText(string text, Random random)
    {
        var at = random.Next(text.Length);
        var length = Math.Min(random.Next(1, 40), text.Length - at);
        return random.Next(5) switch
        {
            0 => text[..at] + (char)random.Next(0x3000) + text[(at + 1)..],
            1 => text[..at] + text[(at + length)..],
            2 => string.Concat(text.AsSpan(0, at + length), text.AsSpan(at)),
            3 => text[..at] + "{}[]\",:\n-&*!|>'%@`#? \t~"[random.Next(23)] + text[at..],
            _ => text[..at] + (char)('a' + random.Next(26)) + text[(at + 1)..],
        };
    }

    // Up to the end of the line, or of the member where several are on one.
    private static (int At, int Length) ValueOf(string text, int member)
    {
        var at = text.IndexOf(':', member) + 1;
        var end = text.AsSpan(at).IndexOfAny(text.AsSpan(text.LastIndexOf('\n', member) + 1, 6).Contains('{') ? ",}\n" : "\n");
        return (at, end < 0 ? text.Length - at : end);
    }

    [GeneratedRegex(@"\b[a-zA-Z]+:(?=\s)", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Member();
}
