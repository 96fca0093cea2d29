using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Intake.Tests.Requests;

namespace Governance.Intake.Tests.Tickets;

/// <summary>Changes of tickets that are taken, and such that are refused: the table that every door and the schema are held to.</summary>
internal static class TicketMessages
{
    public static IEnumerable<TestCaseData> Good() => Named().Select(m => new TestCaseData(m.Message).SetArgDisplayNames(m.Name));

    public static IEnumerable<(string Name, JsonObject Message)> Named()
    {
        yield return ("the sample", TicketSample.Event());
        yield return (
            "no more than it must",
            TicketSample.With(
                "data",
                new JsonObject
                {
                    ["system"] = "jira",
                    ["key"] = "OPS-7",
                    ["state"] = "open",
                    ["closed"] = false,
                }
            )
        );
        foreach (var name in new[] { "changedAt", "assignee", "configurationItem", "changeWindow", "url" })
        {
            yield return (name + " of null", TicketSample.With("data." + name, null));
        }

        yield return ("a change of long ago", TicketSample.With("data.changedAt", "2020-01-01T00:00:00Z"));
        yield return ("a close of the future", TicketSample.With("data.changedAt", "2030-01-01T00:00:00Z"));
        yield return ("a clock that is ahead", TicketSample.With("data.changedAt", "2026-11-23T13:00:00Z"));
        yield return ("an extension", TicketSample.With("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01"));
    }

    public static IEnumerable<BadMessage> Bad()
    {
        foreach (var name in new[] { "system", "key", "state" })
        {
            yield return With(name + " of null", "data." + name, null, "null");
            yield return With(name + " as a number", "data." + name, 7, "wrong-type");
            yield return With(name + " left empty", "data." + name, "", "empty");
            yield return With(name + " that is too long", "data." + name, new string('x', 257), "too-long");
        }

        foreach (var name in new[] { "system", "key", "state", "closed" })
        {
            yield return Spoilt("no " + name, TicketSample.Without("data." + name), "data." + name, "missing");
        }

        yield return With("a state longer than a word", "data.state", new string('s', 65), "too-long");
        yield return With("closed in words", "data.closed", "yes", "wrong-type");
        yield return With("closed of null", "data.closed", null, "null");
        yield return With("a change without its offset", "data.changedAt", "2026-11-23T11:59:30", "format");
        yield return With("a change of the future", "data.changedAt", "2030-01-01T00:00:00Z", "out-of-range", beyond: true);
        yield return With("a change of a clock that was never set", "data.changedAt", "0001-01-01T00:00:00Z", "out-of-range", beyond: true);
        yield return With("an assignee that is a list", "data.assignee", new JsonArray("omar@example.com"), "wrong-type");
        yield return With("a configuration item that is too long", "data.configurationItem", new string('c', 257), "too-long");
        yield return With("a script for an address", "data.url", "javascript:alert(1)", "format");
        foreach (var (name, window, member, fault, beyond) in BadMessages.Windows())
        {
            yield return With(name, "data.changeWindow", window, fault, beyond, "data.changeWindow." + member);
        }

        yield return With("an unknown member", "data.priority", 1, "unknown-member");
        yield return With("a member of a request", "data.justification", "because", "unknown-member");
        yield return With("data that is null", "data", null, "null");
        foreach (var bad in Envelopes())
        {
            yield return bad;
        }

        yield return With("a later version", "type", "governance.ticket.changed.v2", "unsupported-type");
        yield return With("no id", "id", null, "null");
        yield return new BadMessage(
            "the key twice",
            Encoding.UTF8.GetBytes(
                TicketSample.Event().ToJsonString().Replace("\"key\":", "\"key\":\"RITM1\",\"key\":", StringComparison.Ordinal)
            ),
            "invalid",
            "data.key",
            "duplicate-member",
            Beyond: true
        );
        yield return new BadMessage("half of it", Sample.Bytes(TicketSample.Event())[..^9], "malformed", "", "not-json", Beyond: true);
    }

    /// <summary>What is wrong with attributes that neither name the event nor say what kind it is.</summary>
    public static IEnumerable<BadMessage> Envelopes()
    {
        foreach (var (name, path, value, fault) in BadMessages.Attributes())
        {
            yield return With(name, path, value, fault);
        }

        yield return Spoilt("no specversion", TicketSample.Without("specversion"), "specversion", "missing");
    }

    /// <summary>Closes that say which ticket they are about, and are wrong beside that: these count.</summary>
    public static IEnumerable<BadMessage> BadCloses() =>
        from bad in Bad()
        where
            bad.Code == "invalid"
            && bad.Field is not ("data.system" or "data.key" or "data.closed" or "data" or "id" or "source" or "type")
            && bad.Name != "a change of the future"
        select bad with
        {
            Body = Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(bad.Body).Replace("\"closed\":false", "\"closed\":true", StringComparison.Ordinal)
            ),
        };

    /// <summary>Closes that nobody can say what they are: these are refused as anything else is.</summary>
    public static IEnumerable<BadMessage> Nameless()
    {
        foreach (var name in new[] { "id", "source", "type" })
        {
            yield return Closed("no " + name, TicketSample.Without(name), name, "missing");
            yield return Closed(name + " as a number", TicketSample.With(name, 7), name, "wrong-type");
        }

        yield return Closed("a blank id", TicketSample.With("id", " "), "id", "empty");
        yield return Closed("a source with blanks", TicketSample.With("source", "our itsm"), "source", "format");
        yield return Closed("another type", TicketSample.With("type", "governance.ticket.closed.v1"), "type", "unsupported-type");
        foreach (var name in new[] { "id", "subject", "time" })
        {
            yield return new BadMessage(
                name + " twice",
                Encoding.UTF8.GetBytes(
                    TicketSample.Event().ToJsonString().Replace($"\"{name}\":", $"\"{name}\":\"x\",\"{name}\":", StringComparison.Ordinal)
                ),
                "invalid",
                name,
                "duplicate-member"
            );
        }
    }

    private static BadMessage Closed(string name, JsonObject message, string field, string fault) =>
        new(name, Sample.Bytes(message), "invalid", field, fault);

    private static BadMessage With(string name, string path, JsonNode? value, string fault, bool beyond = false, string? at = null) =>
        Spoilt(name, TicketSample.With(path, value), at ?? path, fault, beyond);

    // Of a close much counts that is refused here.
    private static JsonObject Open(JsonObject message)
    {
        if (message["data"] is JsonObject data && data["closed"] is JsonValue closed && closed.GetValueKind() is JsonValueKind.True)
        {
            data["closed"] = false;
        }

        return message;
    }

    private static BadMessage Spoilt(string name, JsonObject message, string field, string fault, bool beyond = false) =>
        new(name, Sample.Bytes(Open(message)), "invalid", field, fault, beyond);
}
