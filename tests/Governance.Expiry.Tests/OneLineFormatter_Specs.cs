using System.Net.Sockets;
using Governance.ServiceDefaults.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace Governance.Expiry.Tests;

public sealed class OneLineFormatter_Specs
{
    private readonly FakeTimeProvider _clock = new();
    private OutageLines _lines = null!;
    private OneLineFormatter _formatter = null!;

    [SetUp]
    public void Begin()
    {
        _lines = new OutageLines(_clock);
        _formatter = new OneLineFormatter(_lines);
    }

    [Test]
    public void Should_write_the_first_line_of_an_outage_with_its_cause_and_count_the_rest()
    {
        var first = Write(DatabaseAway(), "MessageHeld");

        Assert.That(
            first,
            Does.Match(
                @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn: Category\[7\] something failed NpgsqlException: no connection <- SocketException: "
            )
        );
        Assert.That(first.Split('\n'), Has.Length.EqualTo(2), "one line and its end");
        Assert.That(
            Write(DatabaseAway(), "MessageHeld") + Write(DatabaseAway(), "LoopFailed") + Write(DatabaseAway(), "MessageHeld"),
            Is.Empty
        );
        Assert.That(Write(BrokerAway(), "PublishFailed"), Does.Contain("BrokerUnreachableException"), "another outage");
        Assert.That(_lines.Due(), Is.Empty, "it was said just now");

        _clock.Advance(OutageLines.TellEvery - TimeSpan.FromSeconds(1));
        Write(DatabaseAway(), "MessageHeld");
        Write(BrokerAway(), "PublishFailed");
        _clock.Advance(TimeSpan.FromSeconds(1));
        var due = _lines.Due();

        Assert.That(
            due.Select(d => (d.What, d.Over, d.Lasted, d.LeftOut)),
            Is.EquivalentTo(
                new[]
                {
                    ("database", false, OutageLines.TellEvery, "MessageHeld 3, LoopFailed 1"),
                    ("broker", false, OutageLines.TellEvery, "PublishFailed 1"),
                }
            )
        );
        Assert.That(due[0].Cause, Does.StartWith("NpgsqlException: no connection <- SocketException: "));
        Assert.That(_lines.Due(), Is.Empty);
    }

    [Test]
    public void Should_say_that_it_is_over_and_begin_again()
    {
        Write(DatabaseAway(), "MessageHeld");
        _clock.Advance(TimeSpan.FromSeconds(3));
        Write(DatabaseAway(), "MessageHeld");
        _clock.Advance(OutageLines.QuietFor);

        var over = _lines.Due().Single();

        Assert.That(
            (over.What, over.Over, over.Lasted, over.LeftOut),
            Is.EqualTo(("database", true, TimeSpan.FromSeconds(3), "MessageHeld 1"))
        );
        Assert.That(_lines.Due(), Is.Empty);
        Assert.That(Write(DatabaseAway(), "MessageHeld"), Is.Not.Empty);
    }

    [Test]
    public void Should_hide_nothing_else()
    {
        Write(DatabaseAway(), "MessageHeld");
        Write(BrokerAway(), "PublishFailed");

        Assert.That(Write(null, "Anything"), Does.Contain("something failed"));
        Assert.That(Write(new InvalidOperationException("a fault"), "Anything"), Does.Contain("a fault"));
        Assert.That(
            Write(new PostgresException("a fault of ours", "ERROR", "ERROR", "42P01"), "Anything"),
            Does.Contain("a fault of ours")
        );
        Assert.That(Write(new PostgresException("between two", "ERROR", "ERROR", "40001"), "Anything"), Does.Contain("between two"));
        Assert.That(Write(new PostgresException("not free", "ERROR", "ERROR", "55P03"), "Anything"), Does.Contain("not free"));
        Assert.That(Write(new PostgresException("going", "FATAL", "FATAL", "57P01"), "Anything"), Is.Empty, "the server itself says it");
        Assert.That(Write(new SocketException(111), "Anything"), Is.Not.Empty, "of a target, as far as is known");
        Assert.That(Write(DatabaseAway(), "Anything", LogLevel.Critical), Is.Not.Empty, "the process ends");
    }

    private static NpgsqlException DatabaseAway() => new("no connection", new SocketException(111));

    private static BrokerUnreachableException BrokerAway() => new(new IOException("no broker"));

    private string Write(Exception? exception, string name, LogLevel level = LogLevel.Warning)
    {
        using var writer = new StringWriter();
        _formatter.Write(
            new LogEntry<string>(level, "Category", new EventId(7, name), "something failed", exception, (state, _) => state),
            null,
            writer
        );
        return writer.ToString();
    }
}
