using RabbitMQ.Client;

namespace Governance.Intake.Amqp;

/// <summary>How a message carries its CloudEvent.</summary>
internal static class MessageMode
{
    private static readonly string[] Prefixes = ["ce-", "ce_", "cloudEvents:", "cloudEvents_"];

    /// <summary>True for binary mode: attributes in headers. Anything else is read as structured, whatever content type it claims.</summary>
    public static bool IsBinary(IReadOnlyBasicProperties properties)
    {
        if (
            properties.ContentType?.StartsWith("application/cloudevents", StringComparison.OrdinalIgnoreCase) == true
            || properties.Headers is not { } headers
        )
        {
            return false;
        }

        return Prefixes.Any(p => headers.ContainsKey(p + "specversion"));
    }
}
