using Governance.Reading;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Governance.ServiceDefaults.Http;

/// <summary>Problem details (RFC 9457) of every service: a stable <c>code</c>, a <c>detail</c> for people, and <c>errors</c> where members are wrong.</summary>
public static class ProblemResults
{
    /// <summary>A problem.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="code">Stable code.</param>
    /// <param name="detail">What is wrong, where, and what to do.</param>
    /// <param name="more">Further members.</param>
    public static IResult Of(int status, string code, string detail, params (string Key, object? Value)[] more) =>
        Results.Problem(Details(status, code, detail, null, more));

    /// <summary>What is wrong with the members of a body, or with parameters.</summary>
    /// <param name="faults">At least one.</param>
    public static IResult Of(IReadOnlyList<Fault> faults) => Results.Problem(Details(faults));

    /// <summary>A body that can't be read as JSON.</summary>
    public static IResult Unreadable(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var large = fault.Code == JsonBody.TooLarge;
        return Results.Problem(
            Details(
                large ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest,
                large ? fault.Code : "malformed",
                "The body can't be read: " + fault.Message,
                [fault]
            )
        );
    }

    /// <summary>A body that did not come whole.</summary>
    public static IResult Unread(UnreadBody body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Results.Problem(
            Details(body.Status, body.Code, "The body can't be read: " + body.Remedy, [new Fault("", body.Cause, body.Remedy)])
        );
    }

    /// <summary>A body of another kind.</summary>
    public static IResult UnsupportedMediaType(string remedy) =>
        Of(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "The media type is not taken. " + remedy);

    internal static ProblemDetails Details(IReadOnlyList<Fault> faults) =>
        Details(StatusCodes.Status400BadRequest, "invalid", string.Join(' ', faults.Take(5).Select(Sentence)), faults);

    internal static ProblemDetails Details(
        int status,
        string code,
        string detail,
        IReadOnlyList<Fault>? errors = null,
        params (string Key, object? Value)[] more
    )
    {
        var problem = new ProblemDetails
        {
            Status = status,
            Detail = detail,
            Type = "urn:governance:problem:" + code,
        };
        problem.Extensions["code"] = code;
        if (errors is not null)
        {
            problem.Extensions["errors"] = errors;
        }

        foreach (var (key, value) in more)
        {
            problem.Extensions[key] = value;
        }

        return problem;
    }

    private static string Sentence(Fault fault) => fault.Field.Length == 0 ? fault.Message : $"{fault.Field}: {fault.Message}";
}
