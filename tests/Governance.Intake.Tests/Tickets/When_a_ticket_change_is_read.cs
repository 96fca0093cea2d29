using System.Text.Json.Nodes;
using Governance.Contracts.Decisions;
using Governance.Intake.Reading;
using Governance.Intake.Tests.Requests;
using Governance.Intake.Tickets;
using Governance.Testing;
using Microsoft.Extensions.Time.Testing;
using NJsonSchema;

namespace Governance.Intake.Tests.Tickets;

public sealed class When_a_ticket_change_is_read
{
    private readonly MessageParser _parser = new(new FakeTimeProvider(Sample.Now));
    private JsonSchema _schema = null!;

    [OneTimeSetUp]
    public async Task ReadSchemaAsync() =>
        _schema = await JsonSchema.FromFileAsync(RepositoryRoot.File("contracts", "schemas", "ticket-changed.v1.schema.json"));

    private static IEnumerable<TestCaseData> BadCloses =>
        TicketMessages.BadCloses().Select(m => new TestCaseData(m).SetArgDisplayNames(m.Name));

    private static IEnumerable<TestCaseData> BadEnvelopes =>
        TicketMessages
            .BadCloses()
            .Where(m => !m.Field.StartsWith("data.", StringComparison.Ordinal))
            .Select(m => new TestCaseData(m).SetArgDisplayNames(m.Name));

    private static IEnumerable<TestCaseData> Nameless =>
        TicketMessages.Nameless().Select(m => new TestCaseData(m).SetArgDisplayNames(m.Name));

    private static IEnumerable<BadMessage> Expressible => TicketMessages.Bad().Where(m => !m.Beyond);

    [Test]
    public void Should_read_every_member()
    {
        var change = Read(TicketSample.Event());

        var start = new DateTimeOffset(2026, 11, 24, 19, 0, 0, TimeSpan.Zero);
        Assert.Multiple(() =>
        {
            Assert.That((change.Source, change.Id, change.Closed), Is.EqualTo((Sample.Source, "RITM0012345:9", true)));
            Assert.That(
                change.Ticket,
                Is.EqualTo(
                    new TicketClaim(
                        "servicenow",
                        "RITM0012345",
                        "closed complete",
                        "https://itsm.example.com/RITM0012345",
                        "omar@example.com",
                        "orders-db-01",
                        new ChangeWindow(start, start.AddHours(3))
                    )
                )
            );
            Assert.That(change.HappenedAt, Is.EqualTo(Sample.Now.AddSeconds(-35)));
        });
    }

    [TestCase("2026-11-23T11:59:59Z", "2026-11-23T11:59:59Z")]
    [TestCase("2026-11-23T12:00:09Z", "2026-11-23T12:00:05Z", Description = "never ahead of our clock: it would outdo every later change")]
    [TestCase(null, "2026-11-23T12:00:05Z")]
    public void Should_take_the_envelopes_time_when_the_data_has_none(string? time, string happened)
    {
        var message = TicketSample.Without("data.changedAt");
        message["time"] = time;

        Assert.That(Moments.ToWire(Read(message).HappenedAt), Does.StartWith(happened[..^1]));
    }

    [TestCaseSource(typeof(TicketMessages), nameof(TicketMessages.Good))]
    public void Should_take(JsonObject message)
    {
        Assert.That(_parser.ParseEvent(Sample.Bytes(message)).Refusal?.Details, Is.Null);
        Assert.That(_schema.Validate(message.ToJsonString()), Is.Empty);
    }

    [TestCaseSource(typeof(TicketMessages), nameof(TicketMessages.Bad))]
    public void Should_refuse(object message)
    {
        var bad = (BadMessage)message;

        var parsed = _parser.ParseEvent(bad.Body);

        Assert.That(parsed.Message, Is.Null);
        Assert.That(parsed.Refusal!.Code, Is.EqualTo(bad.Code));
        Assert.That(parsed.Refusal.Details.Select(d => (d.Field, d.Code)), Does.Contain((bad.Field, bad.Fault)));
        Assert.That(parsed.Refusal.Details.Select(d => d.Message), Has.All.Not.Empty);
    }

    [TestCaseSource(nameof(BadCloses))]
    public void Should_take_a_close_without_what_is_wrong_with_it(object message)
    {
        var bad = (BadMessage)message;

        var change = _parser.ParseEvent(bad.Body).TicketChange();

        Assert.That(change, Is.Not.Null);
        Assert.That((change!.Closed, change.Ticket.System, change.Ticket.Key), Is.EqualTo((true, "servicenow", "RITM0012345")));
        Assert.That(change.LeftOut.Select(f => (f.Field, f.Code)), Does.Contain((bad.Field, bad.Fault)));
        Assert.That(
            (change.Ticket.ChangeWindow, change.Ticket.Url, change.Ticket.Assignee, change.Ticket.State).ToString(),
            Does.Not.Contain("javascript").And.Not.Contain("0001")
        );
    }

    [TestCaseSource(nameof(BadEnvelopes))]
    public void Should_take_a_close_the_same_whatever_is_wrong_with_its_envelope(object message)
    {
        var bad = (BadMessage)message;

        var structured = _parser.ParseEvent(bad.Body).TicketChange()!;
        var later = new MessageParser(new FakeTimeProvider(Sample.Now.AddYears(4))).ParseEvent(bad.Body).TicketChange()!;
        var binary = Binary(bad.Body).TicketChange()!;

        var good = Read(TicketSample.Event());
        foreach (var change in new[] { structured, later, binary })
        {
            Assert.That((change.Source, change.Id, change.Ticket, change.Closed), Is.EqualTo((good.Source, good.Id, good.Ticket, true)));
            Assert.That(TicketEvidence.DigestOf(change), Is.EqualTo(GoldenDigest));
            Assert.That(change.LeftOut.Select(f => (f.Field, f.Code)), Does.Contain((bad.Field, bad.Fault)));
        }

        Assert.That(structured.LeftOut, Has.Count.EqualTo(1), "nothing else is");
        Assert.That(binary.LeftOut.Select(f => f.Code), Does.Contain("binary-mode"));
    }

    [TestCase("2026-11-30 16:00:00")]
    [TestCase("9999-99-99")]
    [TestCase("0001-01-01T00:00:00Z", Description = "a clock that was never set would make the close older than all that was said before")]
    [TestCase(5)]
    public void Should_take_the_arrival_of_a_close_for_a_time_that_is_none(object time)
    {
        var message = TicketSample.Without("data.changedAt");
        message["time"] = time is int number ? number : (string)time;

        var change = Read(message);

        Assert.That(change.HappenedAt, Is.EqualTo(Sample.Now));
        Assert.That(change.LeftOut.Select(f => f.Field), Is.EqualTo(new[] { "time" }));
    }

    [TestCaseSource(nameof(Nameless))]
    public void Should_refuse_a_close_of_which_nobody_can_say_what_it_is(object message)
    {
        var bad = (BadMessage)message;

        var parsed = _parser.ParseEvent(bad.Body);

        Assert.That(parsed.Message, Is.Null);
        Assert.That(parsed.Refusal!.Details.Select(d => (d.Field, d.Code)), Does.Contain((bad.Field, bad.Fault)));
        if (bad.Fault != "duplicate-member")
        {
            Assert.That(Binary(bad.Body).Refusal!.Code, Is.EqualTo("binary-mode"));
        }
    }

    [Test]
    public void Should_not_take_anything_else_in_binary_mode()
    {
        Assert.That(Binary(Sample.Bytes(Sample.Event())).Refusal!.Code, Is.EqualTo("binary-mode"));
        Assert.That(Binary(Sample.Bytes(TicketSample.With("data.closed", false))).Refusal!.Code, Is.EqualTo("binary-mode"));
        Assert.That(Binary(Sample.Bytes(TicketSample.Without("data.system"))).Refusal!.Code, Is.EqualTo("binary-mode"));
    }

    [Test]
    public void Should_take_a_close_of_the_future_the_same_whenever_it_is_read()
    {
        var message = Sample.Bytes(TicketSample.With("data.changedAt", "2030-01-01T00:00:00Z"));

        var now = _parser.ParseEvent(message).TicketChange()!;
        var later = new MessageParser(new FakeTimeProvider(Sample.Now.AddYears(4))).ParseEvent(message).TicketChange()!;

        Assert.That(now.HappenedAt, Is.EqualTo(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.That(TicketEvidence.DigestOf(later), Is.EqualTo(TicketEvidence.DigestOf(now)));
    }

    [TestCaseSource(nameof(Expressible))]
    public void Should_be_refused_by_the_schema_too(object message) =>
        Assert.That(_schema.Validate(System.Text.Encoding.UTF8.GetString(((BadMessage)message).Body)), Is.Not.Empty);

    [Test]
    public void Should_name_the_types_that_are_taken()
    {
        var fault = _parser.ParseEvent(Sample.Bytes(TicketSample.With("type", "com.example.ticket.closed"))).Refusal!.Details.Single();

        Assert.That((fault.Field, fault.Code), Is.EqualTo(("type", "unsupported-type")));
        Assert.That(fault.Message, Does.Contain("governance.access.requested.v1").And.Contain("governance.ticket.changed.v1"));
    }

    [Test]
    public void Should_not_depend_on_when_it_was_sent_or_came_in_its_digest()
    {
        var first = TicketSample.Without("data.changedAt");
        var again = TicketSample.Without("data.changedAt");
        again["time"] = "2026-11-23T11:00:00Z";
        again["data"]!["state"] = "closed complete";

        Assert.That(TicketEvidence.DigestOf(Read(again)), Is.EqualTo(TicketEvidence.DigestOf(Read(first))));
        Assert.That(TicketEvidence.DigestOf(Read(TicketSample.Event())), Is.Not.EqualTo(TicketEvidence.DigestOf(Read(first))));
    }

    /// <summary>Recorded digests tell duplicates for ever. Computed independently of this code.</summary>
    [Test]
    public void Should_have_the_golden_digest() =>
        Assert.That(TicketEvidence.DigestOf(Read(TicketSample.Event())), Is.EqualTo(GoldenDigest));

    private const string GoldenDigest = "sha256:0ccec6522bb018b64c601b50af7d64fd761a3583f27667a49a85ef8523e9091b";

    private ParsedMessage Binary(byte[] structured)
    {
        var attributes = (JsonObject)JsonNode.Parse(structured)!;
        attributes.Remove("data", out var data);
        return _parser.ParseOtherForm(Sample.Bytes(data!), attributes, EventKind.All, Errors.BinaryMode());
    }

    private TicketChange Read(JsonObject message) => _parser.ParseEvent(Sample.Bytes(message)).TicketChange()!;
}
