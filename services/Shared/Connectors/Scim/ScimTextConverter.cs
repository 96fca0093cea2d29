using System.Text.Json;
using System.Text.Json.Serialization;
using Governance.Connectors.Http;

namespace Governance.Connectors.Scim;

/// <summary>An id or a reference to one: a text. Taken as anything else, two of them could become one.</summary>
internal sealed class ScimTextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Number => throw new WrongFormException(
                "The target has ids that are numbers, where SCIM has texts (RFC 7643 §3.1): nothing is concluded from its answer."
            ),
            _ => throw new WrongFormException(
                "The target has ids that are no texts (RFC 7643 §3.1): nothing is concluded from its answer."
            ),
        };

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
