using NUnit.Framework;

namespace Governance.Testing.Tests;

public class When_something_comes_to_hold_later
{
    [Test]
    public async Task Should_return_the_value_that_satisfies_the_constraint()
    {
        var reads = 0;

        var value = await Eventually.Until(() => Task.FromResult(++reads), Is.GreaterThanOrEqualTo(3));

        Assert.That(value, Is.EqualTo(3));
    }

    [Test]
    public async Task Should_take_an_exception_as_not_yet()
    {
        var reads = 0;

        await Eventually.Until(() => ++reads < 3 ? throw new InvalidOperationException("not yet") : Task.FromResult(true));

        Assert.That(reads, Is.EqualTo(3));
    }
}

public class When_something_never_comes_to_hold
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(60);

    [Test]
    public async Task Should_report_the_last_value_seen()
    {
        var exception = await Assert.ThrowsAsync<AssertionException>(() =>
            Eventually.Until(() => Task.FromResult(41), Is.EqualTo(42), Short)
        );

        Assert.That(exception!.Message, Does.Contain("expected: 42").And.Contain("last value: 41"));
    }

    [Test]
    public async Task Should_report_the_last_exception()
    {
        var exception = await Assert.ThrowsAsync<AssertionException>(() =>
            Eventually.Until(() => Task.FromException<bool>(new InvalidOperationException("no route")), Short)
        );

        Assert.That(exception!.Message, Does.Contain("InvalidOperationException: no route"));
    }

    [Test]
    public async Task Should_give_up_a_read_that_hangs()
    {
        var exception = await Assert.ThrowsAsync<AssertionException>(() =>
            Eventually.Until(
                () => Task.Delay(Timeout.InfiniteTimeSpan).ContinueWith(_ => true, TaskScheduler.Default),
                Short,
                () => "nothing seen"
            )
        );

        Assert.That(exception!.Message, Does.Contain("nothing seen").And.Contain("TimeoutException"));
    }
}
