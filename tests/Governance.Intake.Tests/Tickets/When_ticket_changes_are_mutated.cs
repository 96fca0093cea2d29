using System.Text.Json;
using Governance.Intake.Reading;
using Governance.Intake.Tests.Requests;
using Governance.Intake.Tickets;
using Microsoft.Extensions.Time.Testing;

namespace Governance.Intake.Tests.Tickets;

/// <summary>A fixed seed: the same messages every time.</summary>
public sealed class When_ticket_changes_are_mutated
{
    private const int Seed = 20261123;

    private readonly MessageParser _parser = new(new FakeTimeProvider(Sample.Now));

    [Test]
    public void Should_survive_any_bytes()
    {
        var random = new Random(Seed);
        var good = Sample.Bytes(TicketSample.Event());
        var taken = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var body = (byte[])good.Clone();
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                body = Mutations.OfBytes(body, random);
            }

            taken += Judge(body) ? 1 : 0;
        }

        Assert.That(taken, Is.GreaterThan(500), "else the mutations were too wild to reach the checks behind the JSON parser");
    }

    [Test]
    public void Should_never_take_a_member_of_the_wrong_type()
    {
        var random = new Random(Seed);
        var taken = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var node = TicketSample.Event();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                Mutations.OfMembers(node, random);
            }

            taken += Judge(Sample.Bytes(node)) ? 1 : 0;
        }

        Assert.That(taken, Is.GreaterThan(100));
    }

    private bool Judge(byte[] body)
    {
        var parsed = _parser.ParseEvent(body);
        Assert.That(parsed.Message is null, Is.EqualTo(parsed.Refusal is not null));
        if (parsed.TicketChange() is not { } change)
        {
            return false;
        }

        AssertIsWhatItSays(body, change);
        return true;
    }

    // Independent of the parser: what was taken has these types.
    private static void AssertIsWhatItSays(byte[] body, TicketChange change)
    {
        using var document = JsonDocument.Parse(body);
        var data = document.RootElement.GetProperty("data");
        Assert.That(document.RootElement.GetProperty("type").GetString(), Is.EqualTo("governance.ticket.changed.v1"));
        Assert.That(data.GetProperty("system").GetString(), Is.EqualTo(change.Ticket.System).And.Not.Empty);
        Assert.That(data.GetProperty("key").GetString(), Is.EqualTo(change.Ticket.Key).And.Not.Empty);
        Assert.That(data.GetProperty("state").GetString()!.ToLowerInvariant(), Is.EqualTo(change.Ticket.State).And.Not.Empty);
        Assert.That(data.GetProperty("closed").GetBoolean(), Is.EqualTo(change.Closed));
        Assert.That(data.EnumerateObject().Select(m => m.Name), Is.Unique.And.SubsetOf(TicketSample.Data().Select(m => m.Key)));
        foreach (var member in data.EnumerateObject().Where(m => m.Name is "assignee" or "configurationItem" or "url" or "changedAt"))
        {
            Assert.That(member.Value.ValueKind, Is.EqualTo(JsonValueKind.String).Or.EqualTo(JsonValueKind.Null), member.Name);
        }

        Assert.That(change.Ticket.ChangeWindow is not { } window || window.End > window.Start);
        Assert.That(change.HappenedAt, Is.LessThanOrEqualTo(Sample.Now + Limits.ClockSkew));
    }
}
