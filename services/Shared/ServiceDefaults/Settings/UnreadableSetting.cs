using System.Text.RegularExpressions;

namespace Governance.ServiceDefaults;

/// <summary>A setting whose text can't be read as what it is to be; the binder of configuration tells it by an exception.</summary>
internal static partial class UnreadableSetting
{
    /// <summary>The error with key and remedy, without the value: it could be a secret in the wrong place. Null if the exception is about anything else.</summary>
    public static string? Of(Exception exception)
    {
        if (exception is not InvalidOperationException || FailedBinding().Match(exception.Message) is not { Success: true } match)
        {
            return null;
        }

        var form = match.Groups["type"].Value switch
        {
            "System.TimeSpan" => "a duration such as 00:00:05 or 1.12:00:00",
            "System.Int32" or "System.Int64" => "a whole number",
            "System.Double" => "a number such as 0.1",
            "System.Boolean" => "true or false",
            "System.Uri" => "an address such as http://HOST:PORT",
            _ => "of another form: see the documentation of the service",
        };
        return $"{match.Groups["key"].Value} can't be read: it must be {form} (the value is not shown).";
    }

    [GeneratedRegex(
        @" at '(?<key>[A-Za-z0-9:_-]+)' to type '(?<type>[^']+)'\.\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        RegexTimeout.Milliseconds
    )]
    private static partial Regex FailedBinding();
}
