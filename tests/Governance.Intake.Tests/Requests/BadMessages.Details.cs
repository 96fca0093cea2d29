using System.Text.Json.Nodes;

namespace Governance.Intake.Tests.Requests;

/// <summary>Delegation, what a ticket says beside its key, and emergencies.</summary>
internal static partial class BadMessages
{
    private static IEnumerable<BadMessage> Delegations()
    {
        const string chain = "data.onBehalfOf";
        yield return With("a delegator that is no list", chain, "dana@example.com", "wrong-type");
        yield return With("an empty chain", chain, new JsonArray(), "empty");
        yield return With("a chain of nine", chain, new JsonArray([.. Enumerable.Range(1, 9).Select(i => (JsonNode)$"a{i}")]), "too-many");
        yield return With("a delegator of null", chain, new JsonArray("dana@example.com", null), "wrong-type", at: chain + "[1]");
        yield return With("a delegator that is an object", chain, new JsonArray(new JsonObject()), "wrong-type", at: chain + "[0]");
        yield return With("a blank delegator", chain, new JsonArray(" "), "empty", at: chain + "[0]");
        yield return With("a delegator that is too long", chain, new JsonArray(new string('d', 257)), "too-long", at: chain + "[0]");
        yield return With(
            "the same delegator twice",
            chain,
            new JsonArray("dana@example.com", "omar@example.com", "dana@example.com"),
            "duplicate-name",
            at: chain + "[2]"
        );
        yield return With(
            "a principal on behalf of itself",
            chain,
            new JsonArray("dana@example.com", "svc-reporting"),
            "is-principal",
            beyond: true,
            at: chain + "[1]"
        );
    }

    private static IEnumerable<BadMessage> RecipientKeys()
    {
        const string key = "data.recipientKey";
        BadMessage Key(string name, string member, JsonNode? value, string fault, bool beyond = false)
        {
            var jwk = Sample.RecipientKey();
            jwk[member] = value;
            return With(name, key, jwk, fault, beyond, at: key + "." + member);
        }

        yield return With("a key that is a text", key, "MFkwEwYHKoZIzj0", "wrong-type");
        yield return Key("a key of another type", "kty", "RSA", "not-a-choice");
        yield return Key("a key on another curve", "crv", "secp256k1", "not-a-choice");
        yield return Key("a coordinate with padding", "x", Sample.RecipientKey()["x"]!.GetValue<string>() + "=", "format");
        yield return Key("a coordinate that is too short", "y", "AAAA", "format", beyond: true);
        yield return Key("a point that is not on its curve", "y", Sample.RecipientKey()["x"]!.DeepClone(), "not-on-curve", beyond: true);
        yield return Key("a key for signatures", "use", "sig", "not-a-choice");
        yield return Key("a key for another algorithm", "alg", "ECDH-ES+A256KW", "not-a-choice");
        yield return Key("a key with its private part", "d", "AAAA", "private-key");
        yield return Key("a key with another private part", "k", "AAAA", "private-key");
        yield return Key("a key that may not be passed on in words", "ext", "true", "wrong-type");
        yield return With(
            "a key that verifies",
            key,
            Sample.Set(Sample.RecipientKey(), "key_ops", new JsonArray("deriveKey", "verify")),
            "not-a-choice",
            at: key + ".key_ops[1]"
        );
        var incomplete = Sample.RecipientKey();
        incomplete.Remove("y");
        yield return With("half a key", key, incomplete, "missing", at: key + ".y");
    }

    private static IEnumerable<BadMessage> TicketDetails()
    {
        yield return With("an assignee that is an object", "data.ticket.assignee", new JsonObject(), "wrong-type");
        yield return With("a blank assignee", "data.ticket.assignee", "", "empty");
        yield return With("a configuration item in numbers", "data.ticket.configurationItem", 17, "wrong-type");
        yield return With("a configuration item that is too long", "data.ticket.configurationItem", new string('c', 257), "too-long");
        yield return With("a change window in words", "data.ticket.changeWindow", "tonight", "wrong-type");
        foreach (var (name, window, member, fault, beyond) in Windows())
        {
            yield return With(name, "data.ticket.changeWindow", window, fault, beyond, "data.ticket.changeWindow." + member);
        }
    }

    /// <summary>Windows that no ticket may have.</summary>
    public static IEnumerable<(string Name, JsonObject Window, string Member, string Fault, bool Beyond)> Windows()
    {
        yield return ("a change window without a start", Spoilt(w => w.Remove("start")), "start", "missing", false);
        yield return ("a change window without an end", Spoilt(w => w.Remove("end")), "end", "missing", false);
        yield return ("a change window that never ends", Spoilt(w => w["end"] = null), "end", "null", false);
        yield return ("a change window in local time", Spoilt(w => w["start"] = "2026-11-24T20:00:00"), "start", "format", false);
        yield return ("a change window of no time", Spoilt(w => w["end"] = "2026-11-24T19:00:00Z"), "end", "out-of-range", true);
        yield return ("a change window backwards", Spoilt(w => w["end"] = "2026-11-24T18:00:00Z"), "end", "out-of-range", true);
        yield return ("a change window with more", Spoilt(w => w["timezone"] = "Europe/Prague"), "timezone", "unknown-member", false);

        static JsonObject Spoilt(Action<JsonObject> spoil)
        {
            var window = Sample.Window();
            spoil(window);
            return window;
        }
    }

    private static IEnumerable<BadMessage> Emergencies()
    {
        var without = Sample.Remove(Sample.With("data.emergency", true), "data.ticket");
        yield return Bad("an emergency without an incident", without, "data.ticket", "missing");
        var none = Sample.Set(Sample.With("data.emergency", true), "data.ticket", null);
        yield return Bad("an emergency with an incident of null", none, "data.ticket", "missing");
        var keyless = Sample.Remove(Sample.With("data.emergency", true), "data.ticket.key");
        yield return Bad("an emergency whose incident has no key", keyless, "data.ticket.key", "missing");
        var word = Sample.Set(Sample.With("data.emergency", true), "data.ticket", "INC0004711");
        yield return Bad("an emergency whose incident is a word", word, "data.ticket", "wrong-type");
    }
}
