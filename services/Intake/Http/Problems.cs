using Governance.Intake.Reading;

namespace Governance.Intake.Http;

/// <summary>Problem details (RFC 9457) with a stable <c>code</c>.</summary>
internal static class Problems
{
    public static IResult Of(Refusal refusal, Guid? refusalId = null)
    {
        // What is wrong is in words too, as every service of the suite has it.
        var detail = string.Join(' ', refusal.Details.Take(5).Select(d => d.Field.Length == 0 ? d.Message : $"{d.Field}: {d.Message}"));
        var extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = refusal.Code, ["errors"] = refusal.Details };
        if (refusalId is { } id)
        {
            extensions["refusalId"] = id;
        }

        return Results.Problem(
            detail,
            title: refusal.Title,
            statusCode: refusal.Status,
            type: TypeOf(refusal.Code),
            extensions: extensions
        );
    }

    public static IResult Unauthorized(string code, string detail) => Problem(401, code, "The caller is not known.", detail);

    public static IResult UnsupportedMediaType()
    {
        var refusal = Errors.UnsupportedMediaType();
        return Problem(refusal.Status, refusal.Code, refusal.Title, refusal.Details[0].Message);
    }

    public static IResult BadIdempotencyKey() =>
        Problem(
            400,
            "invalid",
            "The message is not valid.",
            $"The header {MessageEndpoint.IdempotencyKey} takes one value of at most {Limits.IdLength} characters."
        );

    public static IResult Unavailable(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "5";
        return Problem(503, "unavailable", "The message can't be taken now.", "Send it again, with the same id: nothing was decided.");
    }

    private static IResult Problem(int status, string code, string title, string detail) =>
        Results.Problem(
            detail,
            statusCode: status,
            title: title,
            type: TypeOf(code),
            extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["code"] = code }
        );

    private static string TypeOf(string code) => "urn:governance:problem:" + code;
}
