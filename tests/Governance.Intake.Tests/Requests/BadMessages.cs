using System.Text;
using System.Text.Json.Nodes;

namespace Governance.Intake.Tests.Requests;

/// <summary>A message that must be refused.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Body">As sent.</param>
/// <param name="Code">The refusal's code.</param>
/// <param name="Field">Where the fault is.</param>
/// <param name="Fault">The fault's code.</param>
/// <param name="Beyond">True when a JSON Schema can't say this.</param>
internal sealed record BadMessage(string Name, byte[] Body, string Code, string Field, string Fault, bool Beyond = false)
{
    public override string ToString() => Name;
}

/// <summary>The table of bad messages that every door and the schema are held to.</summary>
internal static partial class BadMessages
{
    public static IEnumerable<BadMessage> All() =>
        [
            .. Unreadable(),
            .. Envelopes(),
            .. Data(),
            .. Nested(),
            .. Delegations(),
            .. RecipientKeys(),
            .. TicketDetails(),
            .. Emergencies(),
        ];

    private static IEnumerable<BadMessage> Unreadable()
    {
        var good = Sample.Event().ToJsonString();
        yield return Broken("no body", [], "empty-body");
        yield return Broken("no JSON", "request access please"u8.ToArray(), "not-json");
        yield return Broken("XML", "<request/>"u8.ToArray(), "not-json");
        yield return Broken("blanks only", "  \n "u8.ToArray(), "not-json");
        yield return Broken("cut off", Encoding.UTF8.GetBytes(good[..^5]), "not-json");
        yield return Broken("something after the end", Encoding.UTF8.GetBytes(good + "{}"), "not-json");
        yield return Broken("a trailing comma", Encoding.UTF8.GetBytes(good[..^1] + ",}"), "not-json");
        yield return Broken("a comment", Encoding.UTF8.GetBytes("/* hello */" + good), "not-json");
        yield return Broken("a byte order mark", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(good)], "byte-order-mark");
        yield return Broken("UTF-16", Encoding.Unicode.GetBytes(good), "not-json");
        yield return Broken("invalid UTF-8", [.. Encoding.UTF8.GetBytes(good[..^2]), 0xC3, 0x28, 0x7D, 0x7D], "not-utf8");
        yield return Broken("a batch", Encoding.UTF8.GetBytes($"[{good}]"), "not-an-object");
        yield return Broken("an empty array", "[]"u8.ToArray(), "not-an-object");
        yield return Broken("a number", "1e999999"u8.ToArray(), "not-an-object");
        yield return Broken("null", "null"u8.ToArray(), "not-an-object");
        yield return Broken(
            "10,000 arrays in each other",
            Encoding.UTF8.GetBytes(new string('[', 10_000) + new string(']', 10_000)),
            "too-deep"
        );
        yield return Broken("10,000 objects in the data", Encoding.UTF8.GetBytes(Deep(10_000)), "too-deep");
        yield return Broken("one level too deep", Encoding.UTF8.GetBytes(Deep(16)), "too-deep");
        yield return new BadMessage(
            "10 MB",
            Encoding.UTF8.GetBytes(Sample.With("data.justification", new string('x', 10 * 1024 * 1024)).ToJsonString()),
            "too-large",
            "",
            "too-large"
        );
        yield return new BadMessage("10 MB of nothing", new byte[10 * 1024 * 1024], "too-large", "", "too-large");
    }

    private static IEnumerable<BadMessage> Envelopes()
    {
        yield return Bad("an empty object", new JsonObject(), "id", "missing");
        yield return Without("specversion");
        yield return Without("id");
        yield return Without("source");
        yield return Without("type");
        yield return Without("data");
        yield return With("another type of event", "type", "governance.access.requested.v2", "unsupported-type");
        yield return With("an id that is a number", "id", 7, "wrong-type");
        yield return With("an id of null", "id", null, "null");
        yield return With("a blank id", "id", "  ", "empty");
        yield return With("an id that is too long", "id", new string('i', 257), "too-long");
        yield return With("a line feed in the id", "id", "RITM1\n3", "control-character");
        yield return With("a tag in the id", "id", "RITM1\U000E0041", "control-character");
        yield return With("a hidden direction mark in the id", "id", "RITM\u202E1", "control-character");
        yield return With("a source with blanks", "source", "our itsm", "format");
        yield return With("a source with no scheme before its colon", "source", ":itsm", "format");
        yield return With("a source that is too long", "source", "https://example.com/" + new string('s', 512), "too-long");
        foreach (var (name, path, value, fault) in Attributes())
        {
            yield return With(name, path, value, fault);
        }

        yield return With("a 13th month", "time", "2026-13-01T12:00:00Z", "format", beyond: true);
        yield return With("data that is a string of JSON", "data", "{}", "wrong-type");
        yield return With("data that is an array", "data", new JsonArray(), "wrong-type");
        yield return With("data that is null", "data", null, "null");
        yield return Text(
            "the id twice",
            good => good.Replace("\"id\":", "\"id\":\"other\",\"id\":", StringComparison.Ordinal),
            "id",
            "duplicate-member",
            beyond: true
        );
        yield return Text(
            "half a surrogate pair in the id",
            good => good.Replace("RITM0012345:3", "\\uD83D", StringComparison.Ordinal),
            "id",
            "not-text",
            beyond: true
        );
    }

    /// <summary>What is wrong with attributes that neither name the event nor say what kind it is.</summary>
    public static IEnumerable<(string Name, string Path, JsonNode? Value, string Fault)> Attributes()
    {
        yield return ("an old version", "specversion", "0.3", "unsupported-version");
        yield return ("a version that is a number", "specversion", 1, "wrong-type");
        yield return ("a version of null", "specversion", null, "null");
        yield return ("a time without its offset", "time", "2026-11-23T12:00:00", "format");
        yield return ("a time with a blank", "time", "2026-11-30 16:00:00", "format");
        yield return ("a date for a time", "time", "2026-11-23", "format");
        yield return ("no day of any year", "time", "9999-99-99", "format");
        yield return ("a time in words", "time", "noon", "format");
        yield return ("a time as a number", "time", 1795435200, "wrong-type");
        yield return ("a subject that is a number", "subject", 5, "wrong-type");
        yield return ("a subject left empty", "subject", "", "empty");
        yield return ("a subject that is too long", "subject", new string('s', 257), "too-long");
        yield return ("a schema that is no address", "dataschema", "not a uri ::", "format");
        yield return ("text for data", "datacontenttype", "text/plain", "unsupported-content-type");
        yield return ("another charset", "datacontenttype", "application/json; charset=latin-1", "unsupported-content-type");
        yield return ("half a parameter", "datacontenttype", "application/json;", "unsupported-content-type");
        yield return ("XML data", "datacontenttype", "application/xml", "unsupported-content-type");
        yield return ("an extension in upper case", "myExt", "x", "unknown-member");
        yield return ("an extension that is an object", "myext", new JsonObject(), "wrong-type");
        yield return ("an extension that is a fraction", "myext", 1.5, "wrong-type");
        yield return ("an extension beyond 32 bits", "myext", 1L << 40, "wrong-type");
        yield return ("data as base64 too", "data_base64", "e30=", "base64-data");
    }

    private static IEnumerable<BadMessage> Data()
    {
        foreach (var name in new[] { "principal", "entitlement", "duration", "justification", "requester" })
        {
            yield return Without("data." + name);
            yield return With(name + " of null", "data." + name, null, "null");
            yield return With(name + " as a number", "data." + name, 3600, "wrong-type");
            yield return With(name + " as an object", "data." + name, new JsonObject(), "wrong-type");
            yield return With(name + " left empty", "data." + name, "", "empty");
        }

        yield return With("an unknown member", "data.admin", true, "unknown-member");
        yield return With("a member in another case", "data.Principal", "svc-reporting", "unknown-member");
        yield return Text(
            "a member twice",
            good => good.Replace("\"duration\":", "\"duration\":\"PT9H\",\"duration\":", StringComparison.Ordinal),
            "data.duration",
            "duplicate-member",
            beyond: true
        );
        yield return With("a principal that is too long", "data.principal", new string('p', 257), "too-long");
        yield return With("a zero byte in the principal", "data.principal", "svc\0reporting", "control-character");
        yield return With("a justification that is too long", "data.justification", new string('j', 4001), "too-long");
        yield return With("a bell in the justification", "data.justification", "ring\a", "control-character");
        yield return With("a duration of zero", "data.duration", "PT0S", "out-of-range");
        yield return With("a negative duration", "data.duration", "-PT1H", "format");
        yield return With("a duration of a thousand years", "data.duration", "P1000Y", "format");
        yield return With("a duration of a thousand years in days", "data.duration", "P365000D", "out-of-range", beyond: true);
        yield return With("a duration beyond any number", "data.duration", "P" + new string('9', 60) + "D", "out-of-range", beyond: true);
        yield return With("the longest duration of .NET", "data.duration", "P10675199D", "out-of-range", beyond: true);
        yield return With("a duration in months", "data.duration", "P1M", "format");
        yield return With("a duration in words", "data.duration", "four hours", "format");
        yield return With("a duration that rounds to nothing", "data.duration", "PT0.0000001S", "out-of-range", beyond: true);
        yield return With("a day more than a leap year", "data.duration", "P367D", "out-of-range", beyond: true);
        yield return With("a start without its offset", "data.notBefore", "2026-11-24T12:00:00", "format");
        yield return With("a start in the last year there is", "data.notBefore", "9999-12-31T23:59:59Z", "out-of-range", beyond: true);
        yield return With("a start in a leap second", "data.notBefore", "2026-12-31T23:59:60Z", "leap-second", beyond: true);
        foreach (var (name, character) in Hidden())
        {
            yield return With($"{name} in the principal", "data.principal", $"svc{character}reporting", "control-character");
            yield return With($"{name} in the ticket's key", "data.ticket.key", "RITM1" + character, "control-character");
        }

        yield return With("a start in ten years", "data.notBefore", "2036-11-23T12:00:00Z", "out-of-range", beyond: true);
        yield return With("a start as a number", "data.notBefore", 1795435200, "wrong-type");
        yield return With("an emergency in words", "data.emergency", "true", "wrong-type");
        yield return With("an emergency of null", "data.emergency", null, "null");
    }

    /// <summary>Characters that don't show, or that change how others show.</summary>
    public static IEnumerable<(string Name, string Character)> Hidden()
    {
        yield return ("a tag letter", "\U000E0041");
        yield return ("the last tag", "\U000E007F");
        yield return ("a variation selector", "\uFE0F");
        yield return ("a variation selector beyond the first plane", "\U000E0100");
        yield return ("a Hangul filler", "\u3164");
        yield return ("a combining grapheme joiner", "\u034F");
        yield return ("an isolate", "\u2066");
        yield return ("an Arabic letter mark", "\u061C");
        yield return ("a Mongolian vowel separator", "\u180E");
        yield return ("a musical control", "\U0001D173");
        yield return ("a zero width space", "\u200B");
        yield return ("a line separator", "\u2028");
        yield return ("a soft hyphen", "\u00AD");
    }

    private static IEnumerable<BadMessage> Nested()
    {
        yield return With("a ticket that is a key", "data.ticket", "RITM0012345", "wrong-type");
        yield return Without("data.ticket.key");
        yield return With("a ticket without a system", "data.ticket.system", null, "null");
        yield return With("a ticket with more", "data.ticket.priority", 1, "unknown-member");
        yield return With("a ticket with a script for an address", "data.ticket.url", "javascript:alert(1)", "format");
        yield return With("approvals of null", "data.approvals", null, "null");
        yield return With("approvals that are an object", "data.approvals", new JsonObject(), "wrong-type");
        yield return With(
            "approvals that are names",
            "data.approvals",
            new JsonArray("omar@example.com"),
            "wrong-type",
            at: "data.approvals[0]"
        );
        yield return With(
            "too many approvals",
            "data.approvals",
            new JsonArray([.. Enumerable.Range(0, 51).Select(_ => (JsonNode)new JsonObject())]),
            "too-many"
        );
        yield return With("an approval without an approver", "data.approvals.0.approver", null, "null", at: "data.approvals[0].approver");
        yield return With(
            "an approval that says maybe",
            "data.approvals.0.decision",
            "maybe",
            "not-a-choice",
            at: "data.approvals[0].decision"
        );
        yield return With(
            "an approval from the future",
            "data.approvals.0.at",
            "2030-01-01T00:00:00Z",
            "out-of-range",
            beyond: true,
            at: "data.approvals[0].at"
        );
        yield return With("an approval with more", "data.approvals.0.weight", 100, "unknown-member", at: "data.approvals[0].weight");
    }

    private static string Deep(int depth) =>
        Sample
            .Event()
            .ToJsonString()
            .Replace(
                "\"principal\":\"svc-reporting\"",
                "\"principal\":" + string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth),
                StringComparison.Ordinal
            );

    private static BadMessage Broken(string name, byte[] body, string fault) => new(name, body, "malformed", "", fault, Beyond: true);

    private static BadMessage Bad(string name, JsonNode node, string field, string fault, bool beyond = false) =>
        new(name, Sample.Bytes(node), "invalid", field, fault, beyond);

    private static BadMessage With(string name, string path, JsonNode? value, string fault, bool beyond = false, string? at = null) =>
        Bad(name, Sample.With(path, value), at ?? path, fault, beyond);

    private static BadMessage Without(string path) => Bad("no " + path, Sample.Without(path), path, "missing");

    private static BadMessage Text(string name, Func<string, string> spoil, string field, string fault, bool beyond) =>
        new(name, Encoding.UTF8.GetBytes(spoil(Sample.Event().ToJsonString())), "invalid", field, fault, beyond);
}
