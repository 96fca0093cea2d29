using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Intake.Reading;
using Governance.Intake.Tests.Requests;
using Governance.Intake.Tickets;

namespace Governance.Intake.Tests.Tickets;

public sealed class When_ticket_changes_are_mutated
{
    private static readonly Damage Damage = new([() => TicketSample.Event()], Judge);

    [Test]
    public void Should_survive_any_bytes() => Assert.That(Damage.ToBytes(30_000), Is.GreaterThan(500));

    [Test]
    public void Should_never_take_a_member_of_the_wrong_type() => Assert.That(Damage.ToMembers(20_000), Is.GreaterThan(100));

    private static bool Judge(MessageParser parser, byte[] body)
    {
        var parsed = parser.ParseEvent(body);
        Assert.That(parsed.Message is null, Is.EqualTo(parsed.Refusal is not null));
        if (parsed.TicketChange() is not { } change)
        {
            return false;
        }

        AssertIsWhatItSays(body, change);
        AssertIsTheSameInBinaryMode(parser, body, change);
        return true;
    }

    // Of a change that does not close, nothing is taken from headers.
    private static void AssertIsTheSameInBinaryMode(MessageParser parser, byte[] body, TicketChange change)
    {
        var attributes = (JsonObject)JsonNode.Parse(body)!;
        attributes.Remove("data", out var data);
        var parsed = parser.ParseOtherForm(Sample.Bytes(data!), attributes, EventKind.All, Errors.BinaryMode());
        Assert.That(parsed.Message is not null, Is.EqualTo(change.Closed));
        if (parsed.TicketChange() is { } binary)
        {
            Assert.That((binary.Source, binary.Id), Is.EqualTo((change.Source, change.Id)));
            Assert.That(TicketEvidence.DigestOf(binary), Is.EqualTo(TicketEvidence.DigestOf(change)));
        }
    }

    // Independent of the parser: what was taken has these types.
    private static void AssertIsWhatItSays(byte[] body, TicketChange change)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        var data = root.GetProperty("data");
        Assert.That((root.GetProperty("source").GetString(), root.GetProperty("id").GetString()), Is.EqualTo((change.Source, change.Id)));
        Assert.That(root.EnumerateObject().Select(m => m.Name), Is.Unique);
        Assert.That(document.RootElement.GetProperty("type").GetString(), Is.EqualTo("governance.ticket.changed.v1"));
        Assert.That(data.GetProperty("system").GetString(), Is.EqualTo(change.Ticket.System).And.Not.Empty);
        Assert.That(data.GetProperty("key").GetString(), Is.EqualTo(change.Ticket.Key).And.Not.Empty);
        Assert.That(data.GetProperty("closed").GetBoolean(), Is.EqualTo(change.Closed));
        Assert.That(data.EnumerateObject().Select(m => m.Name), Is.Unique);
        // Of a close everything else may be wrong, and is left out then.
        Assert.That(change.LeftOut, Is.Empty.Or.Matches<object>(_ => change.Closed));
        var leftOut = change.LeftOut.Select(f => f.Field).ToHashSet(StringComparer.Ordinal);
        foreach (var attribute in root.EnumerateObject().Where(m => !leftOut.Contains(FaultList.Member("", m.Name))))
        {
            Assert.That(
                attribute.Name,
                attribute.Name
                    is "specversion"
                        or "subject"
                        or "time"
                        or "datacontenttype"
                        or "dataschema"
                        or "id"
                        or "source"
                        or "type"
                        or "data"
                    ? Is.Not.Empty
                    : Does.Match(@"\A[a-z0-9]{1,64}\z")
            );
            Assert.That(
                attribute.Value.ValueKind,
                attribute.Name switch
                {
                    "specversion" => Is.EqualTo(JsonValueKind.String),
                    "subject" or "time" or "datacontenttype" or "dataschema" => Is.EqualTo(JsonValueKind.String)
                        .Or.EqualTo(JsonValueKind.Null),
                    "data" => Is.EqualTo(JsonValueKind.Object),
                    _ => Is.Not.EqualTo(JsonValueKind.Object).And.Not.EqualTo(JsonValueKind.Array),
                },
                attribute.Name
            );
        }

        var kept = data.EnumerateObject().Where(m => !leftOut.Contains(FaultList.Member("data", m.Name))).ToList();
        Assert.That(kept.Select(m => m.Name), Is.SubsetOf(TicketSample.Data().Select(m => m.Key)));
        var state = kept.Where(m => m.Name == "state").Select(m => m.Value.GetString()!.ToLowerInvariant()).SingleOrDefault();
        Assert.That(state, Is.EqualTo(change.Ticket.State).And.Not.Empty);
        Assert.That(change.Closed || state is not null);
        foreach (var member in kept.Where(m => m.Name is "assignee" or "configurationItem" or "url" or "changedAt"))
        {
            Assert.That(member.Value.ValueKind, Is.EqualTo(JsonValueKind.String).Or.EqualTo(JsonValueKind.Null), member.Name);
        }

        Assert.That(change.Ticket.ChangeWindow is not { } window || window.End > window.Start);
        Assert.That(change.Closed || change.HappenedAt <= Sample.Now + Bounds.ClockSkew);
    }
}
