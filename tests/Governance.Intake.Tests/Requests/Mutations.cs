using System.Text;
using System.Text.Json.Nodes;

namespace Governance.Intake.Tests.Requests;

/// <summary>Ways to spoil a message by chance.</summary>
internal static class Mutations
{
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

    public static byte[] OfBytes(byte[] body, Random random)
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

    public static void OfMembers(JsonObject root, Random random)
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
