using System.Text.Json.Nodes;

namespace Governance.Intake.Tests.Requests;

/// <summary>Messages at the edge of what is taken.</summary>
internal static class GoodMessages
{
    public static IEnumerable<TestCaseData> All() => Named().Select(m => new TestCaseData(m.Name, m.Message).SetArgDisplayNames(m.Name));

    public static IEnumerable<(string Name, JsonObject Message)> Named()
    {
        yield return ("the sample", Sample.Event());
        yield return ("a relative source", Sample.With("source", "/servicenow"));
        yield return ("a URN", Sample.With("source", "urn:example:itsm"));
        yield return ("no time", Sample.With("time", null));
        yield return ("a time with an offset and nanoseconds", Sample.With("time", "2026-11-23T13:00:00.123456789+01:00"));
        yield return ("a time in lower case", Sample.With("time", "2026-11-23t12:00:00z"));
        yield return ("a charset", Sample.With("datacontenttype", "application/json; charset=utf-8"));
        yield return ("a charset in quotes", Sample.With("datacontenttype", "application/json; charset=\"utf-8\""));
        yield return ("a content type in capitals", Sample.With("datacontenttype", "Application/JSON"));
        yield return ("a charset after blanks", Sample.With("datacontenttype", "application/json ; charset=UTF-8"));
        yield return ("a profile", Sample.With("datacontenttype", "application/json;profile=\"a b\";charset=utf-8"));
        yield return ("faces, families and rare ideographs", Sample.With("data.justification", "👩‍👩‍👧 ☺️ 𠮷野家 \U0002B739"));
        yield return ("rare ideographs in a name", Sample.With("data.requester", "𠮷@example.com"));
        yield return ("a face in a ticket's key", Sample.With("data.ticket.key", "OPS-😀"));
        yield return (
            "extensions",
            With(
                ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01"),
                ("sampled", true),
                ("priority", 5),
                ("note", ""),
                ("unset", null)
            )
        );
        yield return ("the longest duration", Sample.With("data.duration", "P366D"));
        yield return ("a short duration", Sample.With("data.duration", "PT0.5S"));
        yield return ("weeks", Sample.With("data.duration", "P2W"));
        yield return ("a start ahead", Sample.With("data.notBefore", "2026-12-01T08:00:00+01:00"));
        yield return ("a start that has passed", Sample.With("data.notBefore", "2026-11-01T08:00:00Z"));
        yield return ("lines in the justification", Sample.With("data.justification", "first\r\n\tsecond"));
        yield return ("the longest justification", Sample.With("data.justification", new string('j', 4000)));
        yield return ("an emergency", Sample.With("data.emergency", true));
        yield return (
            "an emergency that names no more than its incident",
            Sample.Set(
                Sample.With("data.emergency", true),
                "data.ticket",
                new JsonObject { ["system"] = "servicenow", ["key"] = "INC0004711" }
            )
        );
        yield return ("every optional member", Sample.Full());
        yield return ("eight in the chain", Sample.With("data.onBehalfOf", Names(8)));
        yield return ("a recipient's key", Sample.With("data.recipientKey", Sample.RecipientKey()));
        yield return ("a recipient's key that says less", Sample.With("data.recipientKey", Bare()));
        yield return ("a recipient's key as WebCrypto exports it", Sample.With("data.recipientKey", Exported()));
        yield return ("a recipient's key that says what it is for", Sample.With("data.recipientKey", Deriving()));
        yield return ("nobody to seal to", Sample.With("data.recipientKey", null));
        yield return ("a principal that acts for itself", Sample.With("data.onBehalfOf", null));
        yield return ("a ticket without an assignee", Sample.With("data.ticket.assignee", null));
        yield return ("the longest configuration item", Sample.With("data.ticket.configurationItem", new string('c', 256)));
        yield return ("a change window that has passed", Sample.With("data.ticket.changeWindow", Past()));
        yield return ("no change window", Sample.With("data.ticket.changeWindow", null));
        yield return ("no ticket", Sample.With("data.ticket", null));
        yield return (
            "a ticket without state and address",
            Sample.With("data.ticket", new JsonObject { ["system"] = "jira", ["key"] = "OPS-7" })
        );
        yield return ("no approvals", Sample.With("data.approvals", new JsonArray()));
        yield return ("a rejection", Sample.With("data.approvals.0.decision", "rejected"));
        yield return ("names beyond ASCII", Sample.With("data.requester", "žofie@příklad.example"));
    }

    private static JsonArray Names(int count) => [.. Enumerable.Range(1, count).Select(i => (JsonNode)$"agent-{i}")];

    private static JsonObject Bare()
    {
        var key = Sample.RecipientKey();
        key["kid"] = null;
        key.Remove("use");
        key.Remove("alg");
        return key;
    }

    private static JsonObject Exported()
    {
        var key = Bare();
        key.Remove("kid");
        key["key_ops"] = new JsonArray();
        key["ext"] = true;
        key["x5t#S256"] = "AAAA";
        key["exp"] = 1893456000;
        return key;
    }

    private static JsonObject Deriving()
    {
        var key = Bare();
        key["key_ops"] = new JsonArray("deriveBits", "deriveKey");
        key["ext"] = null;
        key["d"] = null;
        return key;
    }

    private static JsonObject Past() => new() { ["start"] = "2026-11-01T08:00:00Z", ["end"] = "2026-11-01T08:00:00.001Z" };

    private static JsonObject With(params (string Name, JsonNode? Value)[] members)
    {
        var node = Sample.Event();
        foreach (var (name, value) in members)
        {
            node[name] = value;
        }

        return node;
    }
}
