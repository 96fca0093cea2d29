using Governance.Contracts.Lifecycle;
using Governance.Intake.Reading;
using Governance.Sealing;

namespace Governance.Intake.Requests;

/// <summary>A public key as a JWK. Members that say what it is for must agree with what it is used for.</summary>
internal static class RecipientKeyReader
{
    public static RecipientKey? Read(ObjectReader reader)
    {
        var kty = reader.Text("kty", Presence.Required, Limits.IdLength);
        var crv = reader.Text("crv", Presence.Required, Limits.IdLength);
        var x = reader.Text("x", Presence.Required, RecipientKeys.MaxCoordinate);
        var y = reader.Text("y", Presence.Required, RecipientKeys.MaxCoordinate);
        var kid = reader.Text("kid", Presence.Nullable, Limits.IdLength);
        Only(reader, "use", "enc");
        Only(reader, "alg", "ECDH-ES");
        if (reader.Take("d", Presence.Nullable) is not null)
        {
            reader.Fault("d", "private-key", "Make a new key pair and send its public part: this one's private part has left its owner.");
        }

        reader.RefuseRest();
        if (kty is null || crv is null || x is null || y is null)
        {
            return null;
        }

        var key = new RecipientKey(kty, crv, x, y, kid);
        if (RecipientKeys.Fault(key) is { } fault)
        {
            reader.Fault(fault.Member, fault.Code, fault.Remedy);
        }

        return key;
    }

    private static void Only(ObjectReader reader, string name, string value)
    {
        if (reader.Text(name, Presence.Nullable, Limits.IdLength) is { } given && !string.Equals(given, value, StringComparison.Ordinal))
        {
            reader.Fault(name, "not-a-choice", $"Send {value}, or leave this member out.");
        }
    }
}
