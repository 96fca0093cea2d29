using Governance.Contracts;
using Governance.Intake.Requests;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Governance.Intake.Http;

/// <summary><c>POST /v1/requests</c>.</summary>
internal static class RequestEndpoint
{
    public const string IdempotencyKey = "Idempotency-Key";

    public static void MapRequests(this WebApplication app) => app.MapPost("/v1/requests", PostAsync);

    private static async Task<IResult> PostAsync(
        HttpContext context,
        CallerHeader callers,
        RequestParser parser,
        RequestDesk desk,
        IOptions<IntakeOptions> options,
        ILogger<RequestDesk> logger
    )
    {
        try
        {
            var (caller, answer) = await callers.ReadAsync(context.Request);
            return caller is null ? answer! : await TakeAsync(context, caller, parser, desk, options.Value);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && Outages.IsOutage(e))
        {
            Log.Unavailable(logger, e);
            return Problems.Unavailable(context);
        }
    }

    private static async Task<IResult> TakeAsync(
        HttpContext context,
        ActorRef caller,
        RequestParser parser,
        RequestDesk desk,
        IntakeOptions options
    )
    {
        if (Mode(context.Request) is not { } isEvent)
        {
            return Problems.UnsupportedMediaType();
        }

        if (await BodyReader.ReadAsync(context.Request) is not { } body)
        {
            return Problems.Of(Errors.TooLarge(Limits.BodyBytes));
        }

        ParsedRequest parsed;
        if (isEvent)
        {
            parsed = parser.ParseEvent(body);
        }
        else if (Key(context.Request) is { } key)
        {
            parsed = parser.ParseData(body, "urn:governance:http:" + (caller.Kind is "unknown" ? "anonymous" : caller.Id), key);
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
            DataPath = isEvent ? "data" : "",
        };
        return Answer(context, await desk.ReceiveAsync(parsed, delivery, context.RequestAborted), options);
    }

    private static IResult Answer(HttpContext context, Reception reception, IntakeOptions options)
    {
        if (reception is not Reception.Taken taken)
        {
            var refused = (Reception.Refused)reception;
            return Problems.Of(refused.Refusal, refused.RefusalId);
        }

        var status = options.StatusUrl(taken.GrantId);
        context.Response.Headers.Location = status;
        return Results.Json(
            new
            {
                Id = taken.GrantId,
                Status = status,
                taken.Duplicate,
            },
            statusCode: taken.Duplicate ? 200 : 202
        );
    }

    /// <summary>True for a CloudEvent, false for its data alone, null for anything else.</summary>
    private static bool? Mode(HttpRequest request)
    {
        if (
            !MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            || request.Headers.ContentEncoding.Count > 0
        )
        {
            return null;
        }

        if (type.MediaType.Equals("application/cloudevents+json", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        // With these headers application/json is an event in binary mode, which is not taken.
        return
            type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) && !request.Headers.ContainsKey("ce-specversion")
            ? false
            : null;
    }

    /// <summary>The request's id: the caller's key or a new one; null when the key is unusable.</summary>
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
