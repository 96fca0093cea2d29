using System.Text.Json;
using System.Text.Unicode;

namespace Governance.Reading;

/// <summary>Bytes to a JSON object, or the reason why not.</summary>
public static class JsonBody
{
    /// <summary>Code of the fault of a body with more than <see cref="Bounds.BodyBytes"/>.</summary>
    public const string TooLarge = "too-large";

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = Bounds.Depth };

    /// <summary>The object, to be disposed; or null and the reason, whose code is <see cref="TooLarge"/> or another.</summary>
    public static JsonDocument? Read(ReadOnlyMemory<byte> body, out Fault? refusal)
    {
        refusal = Unreadable(body.Span);
        if (refusal is not null)
        {
            return null;
        }

        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(body, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            refusal = Malformed("not-an-object", "Send one JSON object; batches are not taken.");
        }
        catch (JsonException)
        {
            refusal = Malformed("not-json", "Send one JSON object as RFC 8259 has it, without comments or trailing commas.");
        }

        document?.Dispose();
        return null;
    }

    private static Fault Malformed(string code, string remedy) => new("", code, remedy);

    private static Fault? Unreadable(ReadOnlySpan<byte> body) =>
        body switch
        {
            { Length: 0 } => Malformed("empty-body", "Send the request as JSON."),
            { Length: > Bounds.BodyBytes } => new Fault("", TooLarge, $"Send at most {Bounds.BodyBytes} bytes."),
            // How a broker hands on what came over AMQP 1.0 with a body that is not data.
            [0x00, 0x53, 0x76 or 0x77, ..] or [0x00, 0x80, _, _, _, _, _, _, _, 0x76 or 0x77, ..] => Malformed(
                "amqp-section",
                "Send the event as bytes: this body is an AMQP 1.0 value or sequence section, and only a data section holds bytes."
            ),
            [0xEF, 0xBB, 0xBF, ..] => Malformed("byte-order-mark", "Send UTF-8 without a byte order mark."),
            _ when !Utf8.IsValid(body) => Malformed("not-utf8", "Encode the message as UTF-8."),
            _ when TooDeep(body) => Malformed("too-deep", $"Nest objects and arrays at most {Bounds.Depth} deep."),
            _ => null,
        };

    // Told apart from other syntax errors by counting brackets outside strings; what is no JSON at all is found by the parser.
    private static bool TooDeep(ReadOnlySpan<byte> body)
    {
        var depth = 0;
        var inString = false;
        for (var i = 0; i < body.Length; i++)
        {
            switch (body[i])
            {
                case (byte)'\\' when inString:
                    i++;
                    break;
                case (byte)'"':
                    inString = !inString;
                    break;
                case (byte)'{' or (byte)'[' when !inString:
                    depth++;
                    break;
                case (byte)'}' or (byte)']' when !inString:
                    depth--;
                    break;
            }

            if (depth > Bounds.Depth)
            {
                return true;
            }
        }

        return false;
    }
}
