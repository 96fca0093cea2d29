using System.Text.Json;
using Governance.Contracts.Intake;
using Governance.Intake.Door;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Governance.Intake.Amqp;

/// <summary>A refused message in the rejected queue: as it came, with the reasons in its headers.</summary>
internal static class Rejection
{
    public const string Reason = "governance-reason";
    public const string Errors = "governance-errors";
    public const string RefusalId = "governance-refusal-id";
    public const string UserId = "governance-user-id";
    public const string Expiration = "governance-expiration";
    public const string HeadersDropped = "governance-headers-dropped";

    private const int MaxErrorsLength = 16 * 1024;

    // Ours; the broker sets these, routes by them, or would compare them with our own user.
    private static readonly HashSet<string> NotKept = new(StringComparer.Ordinal)
    {
        "CC",
        "BCC",
        Reason,
        Errors,
        RefusalId,
        UserId,
        Expiration,
        HeadersDropped,
    };

    /// <exception cref="RabbitMQ.Client.Exceptions.PublishException">The broker did not confirm, or no queue is bound.</exception>
    public static async Task PublishAsync(
        IChannel channel,
        BasicDeliverEventArgs message,
        Reception.Refused refused,
        CancellationToken cancellationToken
    )
    {
        var properties = new BasicProperties(message.BasicProperties)
        {
            Headers = Headers(message.BasicProperties, refused),
            DeliveryMode = DeliveryModes.Persistent,
        };
        properties.ClearUserId();
        properties.ClearExpiration();
        await channel.BasicPublishAsync(
            IntakeTopology.Rejected,
            message.RoutingKey,
            mandatory: true,
            properties,
            message.Body,
            cancellationToken
        );
    }

    private static Dictionary<string, object?> Headers(IReadOnlyBasicProperties original, Reception.Refused refused)
    {
        var headers = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (HeaderSize.IsWithinBounds(original.Headers))
        {
            foreach (var (name, value) in (original.Headers ?? headers).Where(h => !NotKept.Contains(h.Key)))
            {
                headers[name] = value;
            }
        }
        else
        {
            headers[HeadersDropped] = true;
        }

        headers[Reason] = refused.Refusal.Code;
        headers[Errors] = ErrorsOf(refused.Refusal.Details);
        headers[RefusalId] = refused.RefusalId.ToString();
        if (original.IsUserIdPresent())
        {
            headers[UserId] = original.UserId;
        }

        if (original.IsExpirationPresent())
        {
            headers[Expiration] = original.Expiration;
        }

        return headers;
    }

    private static string ErrorsOf(IReadOnlyList<RefusalDetail> details)
    {
        var count = details.Count;
        while (true)
        {
            var text = JsonSerializer.Serialize(details.Take(count), WireJson.Options);
            if (text.Length <= MaxErrorsLength || count == 0)
            {
                return text;
            }

            count /= 2;
        }
    }
}
