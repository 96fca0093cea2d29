using System.Globalization;
using System.Text.RegularExpressions;

namespace Governance.Lifecycle.Api;

/// <summary>Which revision of a request somebody looked at: in the body, or as the entity tag of <c>If-Match</c>.</summary>
internal static partial class Revisions
{
    private const string Header = "If-Match";

    /// <summary>Tells which revision a grant has that an answer carries, in the form in which <c>If-Match</c> names it.</summary>
    /// <remarks>
    /// It says what is asked for, not what has become of it: the rest of the grant changes under the same tag, so nobody may keep the answer.
    /// </remarks>
    public static void Tell(HttpResponse response, GrantView grant)
    {
        response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{grant.Revision}\"");
        response.Headers.CacheControl = "no-store";
    }

    /// <summary>The revision, null when none is named; or the problem to answer with.</summary>
    public static (int? Revision, IResult? Problem) Named(HttpRequest request, int? inBody)
    {
        var header = request.Headers.IfMatch.ToString();
        if (header.Length == 0)
        {
            return (inBody, null);
        }

        if (!Tag().IsMatch(header))
        {
            return (
                null,
                Invalid(
                    $"{Header}: the revision that you looked at, in quotation marks, as the grant's ETag has it, for example \"2\"; weak tags (W/\"2\"), lists and * are not taken."
                )
            );
        }

        var tagged = int.Parse(header.AsSpan()[1..^1], NumberStyles.None, CultureInfo.InvariantCulture);
        return inBody is not null && inBody != tagged
            ? (null, Invalid($"{Header}: is another revision than the body's: leave one of them away."))
            : (tagged, null);
    }

    private static IResult Invalid(string detail) => Problems.Of(StatusCodes.Status400BadRequest, "invalid-revision", detail);

    [GeneratedRegex(@"\A""[1-9][0-9]{0,8}""\z", RegexOptions.CultureInvariant, RegexTimeout.Milliseconds)]
    private static partial Regex Tag();
}
