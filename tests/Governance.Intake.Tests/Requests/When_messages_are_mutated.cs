using System.Text;
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

    private static readonly JsonNode?[] Values =
    [
        null,
        JsonValue.Create(true),
        JsonValue.Create(0),
        JsonValue.Create(-1),
        JsonValue.Create(1.5),
        JsonValue.Create(long.MaxValue),
        JsonValue.Create(""),
        JsonValue.Create("x"),
        JsonValue.Create("PT1H"),
        JsonValue.Create("2026-11-23T12:00:00Z"),
        JsonValue.Create("\u0000"),
        new JsonObject(),
        new JsonArray(),
        new JsonObject { ["x"] = 1 },
        new JsonArray(1, "a", null),
    ];

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
                body = Mutate(body, random);
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
                MutateNode(node, random);
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

    private static byte[] Mutate(byte[] body, Random random)
    {
        var at = random.Next(body.Length);
        var length = Math.Min(random.Next(1, 24), body.Length - at);
        return random.Next(6) switch
        {
            0 => [.. body[..at], (byte)random.Next(256), .. body[(at + 1)..]],
            1 => [.. body[..at], .. body[(at + length)..], (byte)' '],
            2 => [.. body[..at], .. body.AsSpan(at, length).ToArray(), .. body[at..]],
            3 =>
            [
                .. body[..at],
                .. Encoding.ASCII.GetBytes(random.Next(1000).ToString(System.Globalization.CultureInfo.InvariantCulture)),
                .. body[at..],
            ],
            4 => [.. body[..at], "{}[]\",:\\"u8[random.Next(8)], .. body[at..]],
            _ => [.. body[..at], (byte)('a' + random.Next(26)), .. body[(at + 1)..]],
        };
    }

    private static void MutateNode(JsonObject root, Random random)
    {
        var objects = new List<JsonObject>();
        Collect(root, objects);
        var parent = objects[random.Next(objects.Count)];
        var names = parent.Select(m => m.Key).ToArray();
        if (names.Length == 0)
        {
            return;
        }

        var name = names[random.Next(names.Length)];
        switch (random.Next(3))
        {
            case 0:
                parent.Remove(name);
                break;
            case 1:
                parent[name] = Values[random.Next(Values.Length)]?.DeepClone();
                break;
            default:
                parent[name + random.Next(3)] = Values[random.Next(Values.Length)]?.DeepClone();
                break;
        }
    }

    private static void Collect(JsonNode? node, List<JsonObject> objects)
    {
        switch (node)
        {
            case JsonObject o:
                objects.Add(o);
                foreach (var (_, value) in o)
                {
                    Collect(value, objects);
                }

                break;
            case JsonArray a:
                foreach (var item in a)
                {
                    Collect(item, objects);
                }

                break;
        }
    }
}
