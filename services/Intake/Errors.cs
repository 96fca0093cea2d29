using Governance.Contracts.Intake;

namespace Governance.Intake;

/// <summary>Why a message was not taken, with everything that is wrong with it.</summary>
/// <param name="Code">Stable; the dead-letter reason, the problem's <c>code</c> and the decision stream's reason.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">For people; the same for every message with this code.</param>
/// <param name="Details">Each fault, with its JSON path.</param>
internal sealed record Refusal(string Code, int Status, string Title, IReadOnlyList<RefusalDetail> Details);

/// <summary>Every refusal at the door. Codes are part of the wire: they never change and are never used for anything else.</summary>
internal static class Errors
{
    public static Refusal TooLarge(int limit) => Whole("too-large", 413, "The message is too large.", $"Send at most {limit} bytes.");

    public static Refusal BinaryMode() =>
        Whole(
            "binary-mode",
            415,
            "CloudEvents in binary mode are not taken.",
            "Send the event in structured mode: content type application/cloudevents+json, with all attributes in the JSON body."
        );

    public static Refusal UnsupportedMediaType() =>
        Whole(
            "unsupported-media-type",
            415,
            "The media type is not taken.",
            "Send application/cloudevents+json (structured mode) or application/json, in UTF-8, and without a Content-Encoding."
        );

    public static Refusal OtherForm(IReadOnlyList<RefusalDetail> details) =>
        new("unsupported-media-type", 415, "The message is of another form than is taken.", details);

    public static Refusal Malformed(string cause, string remedy) =>
        new("malformed", 400, "The message is not readable as JSON in UTF-8.", [new RefusalDetail("", cause, remedy)]);

    /// <summary>Why bytes are no JSON object.</summary>
    public static Refusal Unreadable(Fault fault) =>
        fault.Code is JsonBody.TooLarge ? TooLarge(Bounds.BodyBytes) : Malformed(fault.Code, fault.Message);

    public static IReadOnlyList<RefusalDetail> ToDetails(this IReadOnlyList<Fault> faults) =>
        [.. faults.Select(f => new RefusalDetail(f.Field, f.Code, f.Message))];

    public static Refusal Invalid(IReadOnlyList<RefusalDetail> details) => new("invalid", 400, "The message is not valid.", details);

    public static Refusal Unknown(IReadOnlyList<RefusalDetail> details) =>
        new(details[0].Code, 422, "The message names something that the catalog lacks.", details);

    public static Refusal IdReused() =>
        Whole(
            "id-reused",
            409,
            "The id was used for another event.",
            "An event with this source and id, but with other content, was received before. Send a changed one with an id of its own."
        );

    public static Refusal Unprocessable() =>
        Whole(
            "unprocessable",
            500,
            "The message could not be processed.",
            "Intake failed on this message repeatedly. It is kept in the rejected queue; report it to the operator."
        );

    private static Refusal Whole(string code, int status, string title, string remedy) =>
        new(code, status, title, [new RefusalDetail("", code, remedy)]);
}
