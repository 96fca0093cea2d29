namespace Governance.Lifecycle.Tests.Times;

public sealed class When_another_tells_a_time
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    // Seconds after noon: asked, heard, told; what counts for what is there, for what is gone; how far outside.
    [TestCase(0, 10, 5, 5, 5, 0, TestName = "Should_count_between_asking_and_hearing")]
    [TestCase(0, 10, 0, 0, 0, 0, TestName = "Should_count_when_it_was_asked")]
    [TestCase(0, 10, 10, 10, 10, 0, TestName = "Should_count_when_it_was_heard")]
    [TestCase(0, 10, 610, 0, 10, 600, TestName = "Should_give_nobody_more_when_it_is_ahead")]
    [TestCase(0, 10, -600, 0, 10, -600, TestName = "Should_give_nobody_more_when_it_is_behind")]
    [TestCase(0, 10, 11, 0, 10, 1, TestName = "Should_give_nobody_more_by_a_second")]
    [TestCase(0, 3600, 7200, 0, 3600, 3600, TestName = "Should_give_nobody_more_after_an_outage")]
    [TestCase(10, 0, 5, 0, 0, 5, TestName = "Should_count_as_heard_when_the_clock_was_set_back")]
    [TestCase(10, 0, 12, 0, 0, 12, TestName = "Should_count_as_heard_when_the_clock_was_set_back_and_the_other_is_ahead")]
    [TestCase(10, 0, 0, 0, 0, 0, TestName = "Should_count_as_heard_at_the_only_moment_there_is")]
    [TestCase(5, 5, 6, 5, 5, 1, TestName = "Should_count_as_asked_when_it_took_no_time")]
    [TestCase(null, 10, -600, -600, -600, 0, TestName = "Should_count_before_hearing_when_nobody_asked")]
    [TestCase(null, 10, 610, 10, 10, 600, TestName = "Should_count_as_heard_when_nobody_asked_and_it_is_ahead")]
    public void Should_count(int? asked, int heard, int told, int there, int gone, int outside)
    {
        var window = new AnswerWindow(asked is { } a ? Noon.AddSeconds(a) : null, Noon.AddSeconds(heard));

        Assert.Multiple(() =>
        {
            Assert.That(window.Presence(Noon.AddSeconds(told)), Is.EqualTo(Noon.AddSeconds(there)));
            Assert.That(window.Absence(Noon.AddSeconds(told)), Is.EqualTo(Noon.AddSeconds(gone)));
            Assert.That(window.Outside(Noon.AddSeconds(told)), Is.EqualTo(TimeSpan.FromSeconds(outside)));
        });
    }
}
