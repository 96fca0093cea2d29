using System.Globalization;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Messaging;

/// <summary>What a caller is told while the service's database is away, can't be written, or does not answer in time.</summary>
public static partial class OutageAnswers
{
    /// <summary>How long a command may take. What waits longer waits for something that is not there.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Answers 503 with <c>Retry-After</c> and a problem body where a request fails for the database's sake, or a command hangs for longer
    /// than <see cref="Bound"/>. A reader may take its time with a long answer; health and gRPC have their own words for it.
    /// </summary>
    public static WebApplication UseOutageAnswers(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OutageAnswers).FullName!);
        app.Use((context, next) => Applies(context.Request) ? AnswerAsync(context, next, logger) : next(context));
        return app;
    }

    private static bool Applies(HttpRequest request) =>
        !request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
        && request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true;

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        var caller = context.RequestAborted;
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(caller);
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            bound.CancelAfter(Bound);
        }

        context.RequestAborted = bound.Token;
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Exception e)
            when (!caller.IsCancellationRequested
                && !context.Response.HasStarted
                && (DatabaseOutage.Is(e) || (bound.IsCancellationRequested && IsCancellation(e)))
            )
        {
            Unavailable(logger, context.Request.Method, context.Request.Path, e.GetBaseException().Message);
            context.Response.Clear();
            context.RequestAborted = caller;
            context.Response.Headers.RetryAfter = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            await Results
                .Problem(
                    "The database is away, or can't be written. What was asked for may or may not be done: send it again, with the same Idempotency-Key where there was one.",
                    statusCode: StatusCodes.Status503ServiceUnavailable,
                    type: "urn:governance:problem:unavailable",
                    extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = "unavailable" }
                )
                .ExecuteAsync(context)
                .ConfigureAwait(false);
        }
        finally
        {
            context.RequestAborted = caller;
        }
    }

    private static bool IsCancellation(Exception exception) =>
        exception is OperationCanceledException or RequestException || exception.InnerException is OperationCanceledException;

    [LoggerMessage(
        1014,
        LogLevel.Warning,
        "{Method} {Path} was answered with 503, since the database is away or does not answer: {Reason}",
        EventName = "RequestNotAnswered"
    )]
    private static partial void Unavailable(ILogger logger, string method, string path, string reason);
}
