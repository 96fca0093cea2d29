using Governance.Lifecycle.Turns;

namespace Governance.Lifecycle.Tests.Turns;

public sealed class When_the_line_moves
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void Should_ask_about_the_earliest_up_to_its_width()
    {
        var line = Enumerable.Range(0, 20).Select(i => Waiting(i)).Reverse().ToList();

        Assert.That(Numbers(Line.Next(line, Now)), Is.EqualTo(Enumerable.Range(0, Line.Width)));
    }

    [Test]
    public void Should_count_those_that_were_asked_about() =>
        Assert.That(
            Numbers(Line.Next([.. Enumerable.Range(0, Line.Width - 1).Select(i => Asked(i)), Waiting(50), Waiting(51)], Now)),
            Is.EqualTo(new[] { 50 })
        );

    [Test]
    public void Should_ask_about_nobody_when_its_width_is_reached() =>
        Assert.That(Line.Next([.. Enumerable.Range(0, Line.Width).Select(i => Asked(i)), Waiting(50)], Now), Is.Empty);

    [TestCase(2)]
    [TestCase(-2)]
    public void Should_not_wait_for_answers_that_are_overdue_whatever_the_clocks_say(int seconds) =>
        Assert.That(
            Numbers(Line.Next([.. Enumerable.Range(0, 40).Select(i => Asked(i, seconds, overtaken: i == 0)), Waiting(50)], Now)),
            Is.EqualTo(new[] { 50 })
        );

    [Test]
    public void Should_ask_alone_about_whoever_was_overtaken()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Numbers(Line.Next([Waiting(1, overtaken: true), Waiting(2), Waiting(3)], Now)), Is.EqualTo(new[] { 1 }));
            Assert.That(Line.Next([Waiting(1, overtaken: true), Asked(2)], Now), Is.Empty, "not beside another");
            Assert.That(Line.Next([Asked(1, overtaken: true), Waiting(2)], Now), Is.Empty, "nobody beside it");
            Assert.That(Numbers(Line.Next([Waiting(1), Waiting(2, overtaken: true), Waiting(3)], Now)), Is.EqualTo(new[] { 1 }));
        });
    }

    private static Turn Waiting(int number, bool overtaken = false) =>
        new()
        {
            Id = Guid.NewGuid(),
            Actor = "p-1",
            RequestedAt = Now.AddSeconds(number - 100),
            Version = number,
            Overtaken = overtaken,
        };

    private static Turn Asked(int number, int seconds = 1, bool overtaken = false) =>
        Waiting(number, overtaken) with
        {
            AskedAt = Now.AddSeconds(-seconds),
        };

    private static IEnumerable<int> Numbers(IEnumerable<Turn> turns) => turns.Select(t => (int)t.Version);
}
