using System.Diagnostics;
using System.Runtime.CompilerServices;
using NUnit.Framework;
using NUnit.Framework.Constraints;
using NUnit.Framework.Internal;

namespace Governance.Testing;

/// <summary>Waits for what must come to hold, in place of sleeping for as long as it might take.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan GraceForOneRead = TimeSpan.FromSeconds(1);

    /// <summary>Polls until a condition holds.</summary>
    /// <param name="condition">What must hold. An exception counts as not yet.</param>
    /// <param name="timeout">How long to wait; 15 s unless given.</param>
    /// <param name="describe">Says, on failure, what was seen last.</param>
    /// <param name="expression">The source text of the condition.</param>
    /// <exception cref="AssertionException">It did not hold in time.</exception>
    public static Task Until(
        Func<Task<bool>> condition,
        TimeSpan? timeout = null,
        Func<string>? describe = null,
        [CallerArgumentExpression(nameof(condition))] string expression = ""
    ) => PollAsync(condition, holds => holds, timeout, (_, _) => describe?.Invoke() ?? "", expression);

    /// <summary>Reads until the value satisfies a predicate.</summary>
    /// <returns>The value that did.</returns>
    /// <exception cref="AssertionException">None did in time; the message shows the last value.</exception>
    public static Task<T> Until<T>(
        Func<Task<T>> read,
        Func<T, bool> holds,
        TimeSpan? timeout = null,
        [CallerArgumentExpression(nameof(holds))] string expression = ""
    ) => PollAsync(read, holds, timeout, (seen, last) => seen ? $"last value: {Format(last)}" : "", expression);

    /// <summary>Reads until the value satisfies a constraint, as in <c>Eventually.Until(CountAsync, Is.EqualTo(3))</c>.</summary>
    /// <returns>The value that did.</returns>
    /// <exception cref="AssertionException">None did in time; the message shows the last value.</exception>
    public static Task<T> Until<T>(
        Func<Task<T>> read,
        IResolveConstraint constraint,
        TimeSpan? timeout = null,
        [CallerArgumentExpression(nameof(read))] string expression = ""
    )
    {
        var resolved = constraint.Resolve();
        return PollAsync(
            read,
            value => resolved.ApplyTo(value).IsSuccess,
            timeout,
            (seen, last) => seen ? $"expected: {resolved.Description}, last value: {Format(last)}" : "",
            expression
        );
    }

    // What takes long is heard of a tenth later, and whoever waits for it is not what makes it take long.
    private static TimeSpan Interval(TimeSpan waited) =>
        TimeSpan.FromTicks(Math.Clamp(waited.Ticks / 10, ShortestInterval.Ticks, LongestInterval.Ticks));

    private static string Format(object? value)
    {
        using var writer = new TextMessageWriter();
        writer.WriteValue(value);
        return writer.ToString();
    }

    private static async Task<T> PollAsync<T>(
        Func<Task<T>> read,
        Func<T, bool> holds,
        TimeSpan? timeout,
        Func<bool, T?, string> describe,
        string expression
    )
    {
        var limit = timeout ?? DefaultTimeout;
        var watch = Stopwatch.StartNew();
        var seen = false;
        T? last = default;
        while (true)
        {
            Exception? failure = null;
            try
            {
                last = await read().WaitAsync(limit + GraceForOneRead);
                seen = true;
                if (holds(last))
                {
                    return last;
                }
            }
            catch (Exception exception) when (exception is not ResultStateException)
            {
                failure = exception;
            }

            if (watch.Elapsed >= limit)
            {
                var exception = failure is null ? "" : $" last exception: {failure.GetType().Name}: {failure.Message}";
                throw new AssertionException($"Not within {limit}: {expression}; {describe(seen, last)}{exception}".TrimEnd(' ', ';'));
            }

            await Task.Delay(Interval(watch.Elapsed));
        }
    }
}
