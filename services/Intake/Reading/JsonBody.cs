using System.Text.Json;
using System.Text.Unicode;

namespace Governance.Intake.Reading;

/// <summary>Bytes to a JSON object, or the reason why not.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = Limits.Depth };

    public static JsonDocument? Read(ReadOnlyMemory<byte> body, out Refusal? refusal)
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

            refusal = Errors.Malformed("not-an-object", "Send one JSON object; batches are not taken.");
        }
        catch (JsonException)
        {
            refusal = Errors.Malformed("not-json", "Send one JSON object as RFC 8259 has it, without comments or trailing commas.");
        }

        document?.Dispose();
        return null;
    }

    private static Refusal? Unreadable(ReadOnlySpan<byte> body) =>
        body switch
        {
            { Length: 0 } => Errors.Malformed("empty-body", "Send the request as JSON."),
            { Length: > Limits.BodyBytes } => Errors.TooLarge(Limits.BodyBytes),
            [0xEF, 0xBB, 0xBF, ..] => Errors.Malformed("byte-order-mark", "Send UTF-8 without a byte order mark."),
            _ when !Utf8.IsValid(body) => Errors.Malformed("not-utf8", "Encode the message as UTF-8."),
            _ when TooDeep(body) => Errors.Malformed("too-deep", $"Nest objects and arrays at most {Limits.Depth} deep."),
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

            if (depth > Limits.Depth)
            {
                return true;
            }
        }

        return false;
    }
}
