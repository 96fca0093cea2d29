using System.Text.RegularExpressions;
using Governance.Contracts.Intake;
using RabbitMQ.Client;

namespace Governance.Intake.Amqp;

/// <summary>
/// What a message says of its own form. Its body is read as JSON whatever it says, unless that is plainly something else: then its sender means
/// another thing than would be read.
/// </summary>
internal static partial class MessageForm
{
    private const int ShownLength = 64;

    private static readonly HashSet<string> Encodings = new(["", "identity", "utf-8", "utf8"], StringComparer.OrdinalIgnoreCase);

    // What clients put there where nobody has told them anything.
    private static readonly HashSet<string> SaysNothing = new(
        ["text/plain", "application/octet-stream", "binary/octet-stream"],
        StringComparer.OrdinalIgnoreCase
    );

    private static readonly HashSet<string> Charsets = new(["utf-8", "utf8", "us-ascii"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Why a message of this form is not taken; null when it is.</summary>
    public static Refusal? FaultOf(IReadOnlyBasicProperties properties)
    {
        List<RefusalDetail> faults = [];
        if (!Encodings.Contains(properties.ContentEncoding?.Trim() ?? ""))
        {
            faults.Add(
                new RefusalDetail(
                    "content_encoding",
                    "content-encoding",
                    $"Send the body as it is, without content_encoding: '{Shown(properties.ContentEncoding!)}' is not undone here."
                )
            );
        }

        if (MediaType().Match(properties.ContentType ?? "") is { Success: true } type)
        {
            var name = type.Groups["name"].Value;
            if (!IsJson(name) && !SaysNothing.Contains(name))
            {
                faults.Add(
                    new RefusalDetail(
                        "content_type",
                        "content-type",
                        $"Send application/cloudevents+json: '{Shown(name)}' is another form than is read here."
                    )
                );
            }
            else if (type.Groups["charset"] is { Success: true } charset && !Charsets.Contains(charset.Value))
            {
                faults.Add(
                    new RefusalDetail(
                        "content_type",
                        "charset",
                        $"Encode the message as UTF-8: the charset '{Shown(charset.Value)}' is not read here."
                    )
                );
            }
        }

        return faults.Count == 0 ? null : Errors.OtherForm(faults);
    }

    private static bool IsJson(string name) =>
        name.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || name.EndsWith("+json", StringComparison.OrdinalIgnoreCase);

    private static string Shown(string text) => TextRules.Shown(text.Length <= ShownLength ? text : text[..ShownLength] + "…");

    // What is no media type at all tells nothing either.
    [GeneratedRegex(
        @"\A\s*(?<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*(?:;(?:[^;]*;)*?\s*charset\s*=\s*""?(?<charset>[^"";\s]+)""?\s*(?:;.*)?|;.*)?\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking
    )]
    private static partial Regex MediaType();
}
