using System.Text;
using System.Text.Json.Nodes;
using Governance.Contracts.Decisions;
using Governance.Intake.Reading;
using Governance.Intake.Requests;
using Governance.Intake.Tickets;
using Microsoft.Extensions.Time.Testing;

namespace Governance.Intake.Tests.Requests;

public sealed class When_a_message_is_read
{
    private readonly MessageParser _parser = new(new FakeTimeProvider(Sample.Now));

    [Test]
    public void Should_read_a_good_request()
    {
        var parsed = _parser.ParseEvent(Sample.Bytes(Sample.Event()));

        Assert.That(parsed.Refusal, Is.Null);
        Assert.That(parsed.Request(), Is.Not.Null);
        var request = parsed.Request()!;
        Assert.Multiple(() =>
        {
            Assert.That(request.Source, Is.EqualTo(Sample.Source));
            Assert.That(request.Id, Is.EqualTo("RITM0012345:3"));
            Assert.That(request.Duration, Is.EqualTo(TimeSpan.FromHours(1)));
            Assert.That(request.NotBefore, Is.Null);
            Assert.That(
                request.Ticket,
                Is.EqualTo(new TicketClaim("servicenow", "RITM0012345", "approved", "https://itsm.example.com/RITM0012345"))
            );
            Assert.That(
                request.Approvals,
                Is.EqualTo(
                    new[] { new ApprovalClaim("omar@example.com", true, new DateTimeOffset(2026, 11, 23, 11, 59, 55, TimeSpan.Zero)) }
                )
            );
        });
    }

    [Test]
    public void Should_read_every_optional_member()
    {
        var request = _parser.ParseEvent(Sample.Bytes(Sample.Full())).Request()!;

        var start = new DateTimeOffset(2026, 11, 24, 19, 0, 0, TimeSpan.Zero);
        Assert.Multiple(() =>
        {
            Assert.That(request.OnBehalfOf, Is.EqualTo(new[] { "svc-reporting", "dana@example.com" }), "nearest first");
            Assert.That(request.Ticket!.Assignee, Is.EqualTo("omar@example.com"));
            Assert.That(request.Ticket.ConfigurationItem, Is.EqualTo("orders-db-01"));
            Assert.That(request.Ticket.ChangeWindow, Is.EqualTo(new ChangeWindow(start, start.AddHours(3))));
        });
    }

    [Test]
    public void Should_say_what_an_emergency_lacks()
    {
        var refusal = _parser.ParseEvent(Sample.Bytes(Sample.Remove(Sample.With("data.emergency", true), "data.ticket"))).Refusal!;

        var fault = refusal.Details.Single();
        Assert.That(fault.Field, Is.EqualTo("data.ticket"));
        Assert.That(fault.Message, Does.Contain("incident").And.Contain("system").And.Contain("key"));
    }

    [Test]
    public void Should_fill_in_what_may_be_left_out()
    {
        var node = Sample.Event();
        foreach (var name in new[] { "subject", "time", "datacontenttype" })
        {
            node.Remove(name);
        }

        var data = (JsonObject)node["data"]!;
        foreach (var name in new[] { "notBefore", "emergency", "ticket", "approvals", "onBehalfOf" })
        {
            data.Remove(name);
        }

        var request = _parser.ParseEvent(Sample.Bytes(node)).Request()!;

        Assert.That(
            (request.NotBefore, request.Emergency, request.Ticket, request.Approvals.Count, request.OnBehalfOf),
            Is.EqualTo(((DateTimeOffset?)null, false, (TicketClaim?)null, 0, (IReadOnlyList<string>?)null))
        );
    }

    [TestCaseSource(typeof(GoodMessages), nameof(GoodMessages.All))]
    public void Should_take(string name, JsonObject message)
    {
        Assert.That(_parser.ParseEvent(Sample.Bytes(message)).Refusal?.Details, Is.Null, name);
    }

    [TestCaseSource(typeof(BadMessages), nameof(BadMessages.All))]
    public void Should_refuse(object message)
    {
        var bad = (BadMessage)message;

        var parsed = _parser.ParseEvent(bad.Body);

        Assert.That(parsed.Request(), Is.Null);
        Assert.That(parsed.Refusal!.Code, Is.EqualTo(bad.Code));
        Assert.That(parsed.Refusal.Details.Select(d => (d.Field, d.Code)), Does.Contain((bad.Field, bad.Fault)));
        Assert.That(parsed.Refusal.Details.Select(d => d.Message), Has.All.Not.Empty);
    }

    [TestCase(4000, true)]
    [TestCase(4001, false)]
    public void Should_count_characters_not_code_units(int characters, bool taken)
    {
        var message = Sample.With("data.justification", string.Concat(Enumerable.Repeat("🔑", characters)));

        Assert.That(_parser.ParseEvent(Sample.Bytes(message)).Request() is not null, Is.EqualTo(taken));
    }

    [Test]
    public void Should_name_all_faults_at_once()
    {
        var node = Sample.With("data.duration", "PT0S");
        node["specversion"] = "2.0";
        node["data"]!["principal"] = null;
        node["data"]!["extra"] = 1;
        node["data"]!["approvals"]![0]!["at"] = "yesterday";

        var refusal = _parser.ParseEvent(Sample.Bytes(node)).Refusal!;

        Assert.That(
            refusal.Details.Select(d => (d.Field, d.Code)),
            Is.EquivalentTo(
                new[]
                {
                    ("specversion", "unsupported-version"),
                    ("data.duration", "out-of-range"),
                    ("data.principal", "null"),
                    ("data.extra", "unknown-member"),
                    ("data.approvals[0].at", "format"),
                }
            )
        );
    }

    [Test]
    public void Should_keep_source_and_id_of_a_bad_request()
    {
        var parsed = _parser.ParseEvent(Sample.Bytes(Sample.With("data.duration", "PT0S")));

        Assert.That((parsed.Source, parsed.Id), Is.EqualTo((Sample.Source, "RITM0012345:3")));
    }

    [Test]
    public void Should_not_judge_the_data_of_another_type_of_event()
    {
        var node = Sample.With("data", new JsonObject { ["anything"] = 1 });
        node["type"] = "com.example.ticket.closed";

        Assert.That(_parser.ParseEvent(Sample.Bytes(node)).Refusal!.Details.Select(d => d.Code), Is.EqualTo(new[] { "unsupported-type" }));
    }

    [Test]
    public void Should_bound_the_report_on_a_hostile_message()
    {
        var members = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"X{i}\":1"));
        var text = Sample.Event().ToJsonString();

        var refusal = _parser.ParseEvent(Encoding.UTF8.GetBytes(text[..^1] + "," + members + "}")).Refusal!;

        Assert.That(refusal.Details, Has.Count.EqualTo(51));
        Assert.That(refusal.Details[^1].Code, Is.EqualTo("more-faults"));
    }

    [Test]
    public void Should_never_repeat_what_the_sender_wrote_as_it_was()
    {
        var node = Sample.With("data.justification", 1);
        node["data"]!["evil\u0000\"\r\nname " + new string('x', 200)] = "a secret value";

        var fault = _parser.ParseEvent(Sample.Bytes(node)).Refusal!.Details.Single(d => d.Code is "unknown-member");

        Assert.That(
            fault.Field,
            Does.StartWith("data[\"evil\\u0000\\u0022\\u000d\\u000aname xxx").And.EndsWith("…\"]").And.Length.LessThan(120)
        );
        Assert.That(fault.Message, Does.Not.Contain("secret"));
    }

    [Test]
    public void Should_read_data_alone_with_paths_of_its_own()
    {
        var data = Sample.Data();
        data["duration"] = "PT0S";

        var parsed = _parser.ParseData(Sample.Bytes(data), EventKind.Request, "urn:governance:http:anonymous", "k1");

        Assert.That(parsed.Refusal!.Details.Select(d => d.Field), Is.EqualTo(new[] { "duration" }));
        Assert.That((parsed.Source, parsed.Id), Is.EqualTo(("urn:governance:http:anonymous", "k1")));
    }
}
