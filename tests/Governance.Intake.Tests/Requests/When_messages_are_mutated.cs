using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Intake.Reading;
using Governance.Intake.Requests;
using Microsoft.Extensions.Time.Testing;

namespace Governance.Intake.Tests.Requests;

/// <summary>A fixed seed: the same messages every time.</summary>
public sealed class When_messages_are_mutated
{
    private const int Seed = 20261123;

    private readonly MessageParser _parser = new(new FakeTimeProvider(Sample.Now));

    [Test]
    public void Should_survive_any_bytes()
    {
        var random = new Random(Seed);
        byte[][] good = [Sample.Bytes(Sample.Event()), Sample.Bytes(Sample.Full())];
        var taken = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var body = (byte[])good[i % 2].Clone();
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                body = Mutations.OfBytes(body, random);
            }

            taken += Judge(body) ? 1 : 0;
        }

        // Else the mutations were too wild to reach the checks behind the JSON parser.
        Assert.That(taken, Is.GreaterThan(1_000));
    }

    [Test]
    public void Should_never_take_a_member_of_the_wrong_type()
    {
        var random = new Random(Seed);
        var taken = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var node = i % 2 == 0 ? Sample.Event() : Sample.Full();
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
        if (parsed.Request() is not { } request)
        {
            return false;
        }

        AssertIsWhatItSays(body, request);
        return true;
    }

    // Independent of the parser: what was taken has these types.
    private static void AssertIsWhatItSays(byte[] body, AccessRequest request)
    {
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        var data = root.GetProperty("data");
        Assert.That(root.GetProperty("specversion").GetString(), Is.EqualTo("1.0"));
        Assert.That(root.GetProperty("type").GetString(), Is.EqualTo("governance.access.requested.v1"));
        Assert.That(root.GetProperty("id").GetString(), Is.EqualTo(request.Id));
        Assert.That(data.GetProperty("principal").GetString(), Is.EqualTo(request.Principal).And.Not.Empty);
        Assert.That(data.GetProperty("entitlement").GetString(), Is.EqualTo(request.Entitlement).And.Not.Empty);
        Assert.That(data.GetProperty("requester").GetString(), Is.EqualTo(request.Requester).And.Not.Empty);
        Assert.That(data.GetProperty("duration").ValueKind, Is.EqualTo(JsonValueKind.String));
        Assert.That(request.Duration, Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(TimeSpan.FromDays(366)));
        Assert.That(
            data.EnumerateObject().Select(m => m.Name),
            Is.Unique.And.SubsetOf(((JsonObject)Sample.Full()["data"]!).Select(m => m.Key))
        );
        Assert.That(
            !data.TryGetProperty("emergency", out var emergency) || emergency.ValueKind is JsonValueKind.True or JsonValueKind.False
        );
        Assert.That(!data.TryGetProperty("approvals", out var approvals) || approvals.ValueKind == JsonValueKind.Array);
        Assert.That(!data.TryGetProperty("ticket", out var ticket) || ticket.ValueKind is JsonValueKind.Null or JsonValueKind.Object);
        Assert.That(request.OnBehalfOf, Is.Null.Or.Unique.And.Not.Empty.And.No.Member(request.Principal));
        Assert.That(request.Ticket?.ChangeWindow is not { } window || window.End > window.Start);
        Assert.That(!request.Emergency || request.Ticket is { System.Length: > 0, Key.Length: > 0 });
        Assert.That(
            root.EnumerateObject().Where(m => m.Name is not "data").Select(m => m.Value.ValueKind),
            Has.None.EqualTo(JsonValueKind.Object).And.None.EqualTo(JsonValueKind.Array)
        );
    }
}
