using Governance.Contracts;
using Governance.Intake.Door;
using Governance.Intake.Reading;
using Governance.ServiceDefaults.Http;
using Microsoft.Extensions.Options;

namespace Governance.Intake.Http;

/// <summary><c>POST /v1/requests</c> and <c>POST /v1/tickets</c>: an event, or its data alone.</summary>
internal static class MessageEndpoint
{
    public const string IdempotencyKey = "Idempotency-Key";

    public static void MapMessages(this WebApplication app)
    {
        Map(app, "/v1/requests", EventKind.Request, (taken, context) => OfRequest(taken, context));
        Map(app, "/v1/tickets", EventKind.TicketChange, (taken, _) => new { Id = taken.StreamId, taken.Duplicate });
    }

    private static void Map(WebApplication app, string path, EventKind kind, Func<Reception.Taken, HttpContext, object> answer) =>
        app.MapPost(
            path,
            async (HttpContext context, CallerHeader callers, MessageParser parser, Desk desk, ILogger<Desk> logger) =>
            {
                try
                {
                    var (caller, turnedAway) = await callers.ReadAsync(context.Request);
                    return caller is null ? turnedAway! : await TakeAsync(context, caller, kind, parser, desk, answer);
                }
                catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && Outages.IsOutage(e))
                {
                    Log.Unavailable(logger, e);
                    return Problems.Unavailable(context);
                }
            }
        );

    private static async Task<IResult> TakeAsync(
        HttpContext context,
        ActorRef caller,
        EventKind kind,
        MessageParser parser,
        Desk desk,
        Func<Reception.Taken, HttpContext, object> answer
    )
    {
        var (body, unread) = await RequestBodies.ReadAsync(context.Request);
        if (unread is not null)
        {
            return unread.Status == StatusCodes.Status413PayloadTooLarge
                ? Problems.Of(Errors.TooLarge(Bounds.BodyBytes))
                : ProblemResults.Unread(unread);
        }

        var isEvent = MediaTypes.IsEvent(context.Request);
        ParsedMessage parsed;
        if (isEvent is null)
        {
            parsed = parser.ParseOtherForm(body, MediaTypes.AttributesOf(context.Request), [kind], Errors.UnsupportedMediaType());
            if (parsed.Message is null)
            {
                return Problems.UnsupportedMediaType();
            }
        }
        else if (isEvent is true)
        {
            parsed = parser.ParseEvent(body, [kind]);
        }
        else if (Key(context.Request) is { } key)
        {
            parsed = parser.ParseData(body, kind, "urn:governance:http:" + (caller.Kind is "unknown" ? "anonymous" : caller.Id), key);
        }
        else
        {
            return Problems.BadIdempotencyKey();
        }

        var delivery = new Delivery
        {
            Via = Delivery.Http,
            BodyDigest = CanonicalJson.Digest(body.Span),
            Actor = caller,
            OwnSource = isEvent is false,
            DataPath = isEvent is false ? "" : "data",
        };
        return await desk.ReceiveAsync(parsed, delivery, context.RequestAborted) switch
        {
            Reception.Taken taken => Results.Json(answer(taken, context), statusCode: taken.Duplicate ? 200 : 202),
            var other => Problems.Of(((Reception.Refused)other).Refusal, ((Reception.Refused)other).RefusalId),
        };
    }

    private static object OfRequest(Reception.Taken taken, HttpContext context)
    {
        var status = context.RequestServices.GetRequiredService<IOptions<IntakeOptions>>().Value.StatusUrl(taken.StreamId);
        context.Response.Headers.Location = status;
        return new
        {
            Id = taken.StreamId,
            Status = status,
            taken.Duplicate,
        };
    }

    /// <summary>The event's id: the caller's key or a new one; null when the key is unusable.</summary>
    private static string? Key(HttpRequest request)
    {
        var values = request.Headers[IdempotencyKey];
        return values.Count switch
        {
            0 => Guid.CreateVersion7().ToString(),
            1 when TextRules.Fault(values[0] ?? "", Limits.IdLength) is null => values[0],
            _ => null,
        };
    }
}
