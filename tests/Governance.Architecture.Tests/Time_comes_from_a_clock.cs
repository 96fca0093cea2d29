using System.Text.RegularExpressions;

namespace Governance.Architecture.Tests;

/// <summary>The banned-API analyzer says so when it runs; this says so always, and for what is in strings and comments too.</summary>
public sealed partial class Time_comes_from_a_clock
{
    [TestCase("services")]
    [TestCase("contracts")]
    public void Should_never_be_read_from_the_machine(string folder) =>
        Assert.That(Suite.Sources(folder, ".cs").Where(f => MachineTime().IsMatch(f.Text)).Select(f => f.Path), Is.Empty);

    [Test]
    public void Should_be_noticed_when_it_is() =>
        Assert.Multiple(() =>
        {
            Assert.That(MachineTime().IsMatch("var now = DateTime.UtcNow;"));
            Assert.That(MachineTime().IsMatch("DateTimeOffset.Now"));
            Assert.That(MachineTime().IsMatch("clock.GetUtcNow()"), Is.False);
        });

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?(Now|Today)\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MachineTime();
}
