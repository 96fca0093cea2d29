using System.Globalization;
using Governance.Files;

namespace Governance.Cedar.Tests.Files;

public sealed class When_a_directory_is_watched
{
    private static readonly DirectoryRules Rules = new()
    {
        Of = _ => FileUse.Read,
        MaxFileBytes = 1000,
        MaxBytes = 3000,
    };

    private string _directory = "";
    private DirectoryWatch _watch = null!;

    [SetUp]
    public void Create()
    {
        _directory = Directory.CreateTempSubdirectory("governance-files-").FullName;
        _watch = new DirectoryWatch(_directory, Rules);
        Write("one");
    }

    [TearDown]
    public void Delete() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Should_be_told_at_once_at_the_start_and_until_somebody_has_dealt_with_it()
    {
        Assert.That(_watch.Look()?.Files.Single().Text, Is.EqualTo("one"));
        Assert.That(_watch.Look()?.Files.Single().Text, Is.EqualTo("one"), "nobody has dealt with it");
        _watch.DealtWith(_watch.Look()!);
        Assert.That(_watch.Look(), Is.Null);
    }

    [Test]
    public void Should_be_told_when_two_looks_have_found_the_same()
    {
        _watch.DealtWith(_watch.Look()!);

        Write("half");
        Assert.That(_watch.Look(), Is.Null, "it may be half of it");
        Write("whole");
        Assert.That(_watch.Look(), Is.Null);
        Assert.That(_watch.Look()?.Files.Single().Text, Is.EqualTo("whole"));
    }

    [Test]
    public void Should_not_be_told_when_it_is_again_what_it_was()
    {
        _watch.DealtWith(_watch.Look()!);
        Write("two");
        _watch.Look();
        Write("one");

        Assert.That(_watch.Look(), Is.Null);
        Write("two");
        Assert.That(_watch.Look(), Is.Null, "once more it has to come to rest");
        Assert.That(_watch.Look(), Is.Not.Null);
    }

    [Test]
    public void Should_be_told_of_what_never_comes_to_rest()
    {
        _watch.DealtWith(_watch.Look()!);

        var told = Enumerable
            .Range(0, 5)
            .Select(i =>
            {
                Write(i.ToString(CultureInfo.InvariantCulture));
                return _watch.Look()?.Files.Single().Text;
            })
            .ToList();

        Assert.That(told, Is.EqualTo(new[] { null, null, null, null, "4" }));
    }

    private void Write(string text) => File.WriteAllText(Path.Combine(_directory, "a.conf"), text);
}
