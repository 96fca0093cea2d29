using System.Reflection;
using Governance.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Governance.ServiceDefaults.Http;

/// <summary>What holds for every request of every service, before its endpoint is asked.</summary>
internal static class DoorRules
{
    private const int MaxHeaderBytes = 32 * 1024;
    private const int MaxHeaders = 100;
    private const int MaxTargetLength = 8 * 1024;

    public static void Configure(IServiceCollection services)
    {
        // Wider than what is taken, so that there is an answer with a reason. Beyond it, and for what is no HTTP at all, the server answers
        // by itself: a status without a body, after which it hangs up. It has no place where a body could be given.
        services.Configure<KestrelServerOptions>(o =>
        {
            o.Limits.MaxRequestHeaderCount = 4 * MaxHeaders;
            o.Limits.MaxRequestHeadersTotalSize = 4 * MaxHeaderBytes;
            o.Limits.MaxRequestLineSize = 4 * MaxTargetLength;
        });
        // Its own message would name types of the program.
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = false);
        services.Configure<StatusCodePagesOptions>(o =>
            o.HandleAsync = context => WriteAsync(context.HttpContext, OfStatus(context.HttpContext))
        );
    }

    public static void Use(WebApplication app)
    {
        // In place of the page with stack traces, in Development too.
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = FailedAsync, SuppressDiagnosticsCallback = IsSenders });
        app.UseStatusCodePages();
        app.Use((context, next) => Problem(context) is { } problem ? WriteAsync(context, problem) : next(context));
        app.Use(
            async (context, next) =>
                await (await HasNeedlessBodyAsync(context) ? WriteAsync(context, NeedlessBody(context)) : next(context))
        );
        app.Use((context, next) => IsGrpc(context.Request) ? GrpcRules.AnswerUnreadableAsync(context, next) : next(context));
    }

    private static Microsoft.AspNetCore.Mvc.ProblemDetails? Problem(HttpContext context)
    {
        var request = context.Request;
        if (request.Path.Value!.Length + (request.QueryString.Value?.Length ?? 0) > MaxTargetLength)
        {
            return ProblemResults.Details(414, "uri-too-long", $"Use a path and query of at most {MaxTargetLength} characters.");
        }

        if (request.Headers.Sum(h => h.Key.Length + h.Value.Sum(v => v?.Length ?? 0) + 4) > MaxHeaderBytes)
        {
            return ProblemResults.Details(431, "headers-too-large", $"Send headers of at most {MaxHeaderBytes} bytes in all.");
        }

        if (request.Headers.Sum(h => h.Value.Count) > MaxHeaders)
        {
            return ProblemResults.Details(431, "headers-too-large", $"Send at most {MaxHeaders} headers.");
        }

        // The server undoes chunks and hands on as it came whatever else is said to have been done to the body.
        if (request.Headers.TransferEncoding is { Count: > 0 } codings && !IsChunkedOnly(codings))
        {
            return ProblemResults.Details(
                StatusCodes.Status501NotImplemented,
                "unsupported-transfer-coding",
                "Send the body as it is, with its length or in chunks: no other transfer coding than chunked is undone here."
            );
        }

        if (TextRules.Fault(request.Path.Value!, MaxTargetLength, TextKind.Reference) is { Code: "control-character" } fault)
        {
            return ProblemResults.Details([new Fault("path", fault.Code, fault.Remedy)]);
        }

        return IsGrpc(request) || context.GetEndpoint() is not { } endpoint ? null : Problem(request, endpoint);
    }

    private static bool IsChunkedOnly(Microsoft.Extensions.Primitives.StringValues codings) =>
        codings
            .SelectMany(c => (c ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .SequenceEqual(["chunked"], StringComparer.OrdinalIgnoreCase);

    private static Microsoft.AspNetCore.Mvc.ProblemDetails? Problem(HttpRequest request, Endpoint endpoint)
    {
        var query = request.Query;
        if (query.Count == 0)
        {
            return null;
        }

        var known = endpoint.Metadata.GetMetadata<KnownQuery>()?.Names ?? Bound(endpoint);
        var faults = new FaultList();
        foreach (var (name, values) in query)
        {
            var path = FaultList.Member("", name);
            if (!known.Contains(name, StringComparer.Ordinal))
            {
                faults.Add(
                    path,
                    "unknown-parameter",
                    known.Count == 0
                        ? "Remove it: there are no query parameters here."
                        : $"Remove it; known here are {string.Join(", ", known)}."
                );
            }
            else if (values.Count > 1)
            {
                faults.Add(path, "duplicate-parameter", "Send it once.");
            }
            else if (TextRules.Fault(values[0] ?? "", MaxTargetLength, TextKind.Reference) is { Code: "control-character" } fault)
            {
                faults.Add(path, fault.Code, fault.Remedy);
            }
        }

        foreach (var (name, code, remedy) in QueryEncoding.Faults(request.QueryString.Value))
        {
            faults.Add(FaultList.Member("", name), code, remedy);
        }

        return faults.Any ? ProblemResults.Details(faults.ToList()) : null;
    }

    // A question has its path and its query. Whoever sends more expects that it is heeded. Where nothing is, another answer says that.
    private static async Task<bool> HasNeedlessBodyAsync(HttpContext context)
    {
        var request = context.Request;
        return context.GetEndpoint() is RouteEndpoint
            && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
            // Without a length there may still be nothing.
            && (request.ContentLength > 0 || await request.Body.ReadAsync(new byte[1], context.RequestAborted).ConfigureAwait(false) > 0);
    }

    private static Microsoft.AspNetCore.Mvc.ProblemDetails NeedlessBody(HttpContext context) =>
        ProblemResults.Details([new Fault("", "needless-body", $"Send {context.Request.Method} without a body: it would not be heeded.")]);

    // What a handler takes from the query without reading it itself.
    private static IReadOnlyList<string> Bound(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<MethodInfo>() is { } handler
            ?
            [
                .. handler
                    .GetParameters()
                    .Where(p => IsValue(Nullable.GetUnderlyingType(p.ParameterType) ?? p.ParameterType))
                    .Select(p => p.Name!)
                    .Except(
                        (endpoint as RouteEndpoint)?.RoutePattern.Parameters.Select(p => p.Name) ?? [],
                        StringComparer.OrdinalIgnoreCase
                    ),
            ]
            : [];

    private static bool IsValue(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(Guid) || type == typeof(DateTimeOffset);

    private static Microsoft.AspNetCore.Mvc.ProblemDetails OfStatus(HttpContext context)
    {
        var status = context.Response.StatusCode;
        return status switch
        {
            StatusCodes.Status404NotFound => ProblemResults.Details(
                status,
                "not-found",
                "There is nothing at this address: look at its path."
            ),
            StatusCodes.Status405MethodNotAllowed => ProblemResults.Details(
                status,
                "method-not-allowed",
                $"{context.Request.Method} is not for this address: use {string.Join(" or ", context.Response.Headers.Allow.ToString().Split(',', StringSplitOptions.TrimEntries))}."
            ),
            StatusCodes.Status415UnsupportedMediaType => ProblemResults.Details(
                status,
                "unsupported-media-type",
                "The media type is not taken. Send application/json, in UTF-8."
            ),
            StatusCodes.Status400BadRequest => ProblemResults.Details(status, "malformed", "The request can't be read: look at its form."),
            _ => ProblemResults.Details(status, CodeOf(status), ReasonPhrases.GetReasonPhrase(status)),
        };
    }

    private static string CodeOf(int status) =>
        ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase
            ? phrase.ToLowerInvariant().Replace(' ', '-')
            : "status-" + status.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static Task FailedAsync(HttpContext context)
    {
        if (context.Features.Get<IExceptionHandlerFeature>()?.Error is BadHttpRequestException bad)
        {
            return WriteAsync(
                context,
                ProblemResults.Details(
                    bad.StatusCode,
                    bad.StatusCode == 413 ? "too-large" : "malformed",
                    "The request can't be read: look at its form."
                )
            );
        }

        return WriteAsync(
            context,
            ProblemResults.Details(
                StatusCodes.Status500InternalServerError,
                "internal",
                "This service failed on the request. Its log has the cause; report it to the operator."
            )
        );
    }

    // The log is for what is wrong here.
    private static bool IsSenders(ExceptionHandlerSuppressDiagnosticsContext context) => context.Exception is BadHttpRequestException;

    private static bool IsGrpc(HttpRequest request) =>
        request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    private static Task WriteAsync(HttpContext context, Microsoft.AspNetCore.Mvc.ProblemDetails problem) =>
        Results.Problem(problem).ExecuteAsync(context);
}
