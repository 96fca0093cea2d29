using Governance.Expiry.Firing;

namespace Governance.Expiry.Tests;

public sealed class RepeatDelay_Specs
{
    [TestCase(1, 0.0, 5)]
    [TestCase(1, 1.0, 5)]
    [TestCase(2, 0.0, 10)]
    [TestCase(2, 1.0, 8)]
    [TestCase(3, 0.0, 20)]
    [TestCase(4, 0.5, 36)]
    [TestCase(5, 0.0, 60)]
    [TestCase(1_000_000, 1.0, 48)]
    public void Should_double_up_to_a_minute_less_up_to_a_fifth(int firing, double chance, double seconds) =>
        Assert.That(RepeatDelay.After(firing, new ExpiryOptions(), chance).TotalSeconds, Is.EqualTo(seconds).Within(0.001));

    [Test]
    public void Should_never_be_so_long_that_it_looks_like_a_clock_that_went_back()
    {
        var options = new ExpiryOptions();

        Assert.That(
            Enumerable.Range(1, 100).Select(n => RepeatDelay.After(n, options, 0)),
            Is.All.LessThanOrEqualTo(options.LongestRepeat)
        );
    }
}
