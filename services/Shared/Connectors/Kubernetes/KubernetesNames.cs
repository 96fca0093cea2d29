using System.Text;
using System.Text.RegularExpressions;

namespace Governance.Connectors.Kubernetes;

/// <summary>What the API server takes as a name, and nothing that it would take as something else.</summary>
internal static partial class KubernetesNames
{
    // The API server sets no limit of its own for names of roles and users; no authenticator or tool makes longer ones.
    private const int MaxLength = 1024;
    private const int MaxSubdomain = 253;

    /// <summary>RFC 1123 label: names of namespaces.</summary>
    public static bool IsLabel(string name) => Label.IsMatch(name);

    /// <summary>RFC 1123 subdomain: names of ServiceAccounts.</summary>
    public static bool IsSubdomain(string name) => name.Length is > 0 and <= MaxSubdomain && name.Split('.').All(SubdomainPart.IsMatch);

    /// <summary>Names of roles and bindings are path segments: <c>system:node</c> and names with spaces are among them.</summary>
    public static bool IsPathSegment(string name) => IsText(name) && name is not ("." or "..") && name.AsSpan().IndexOfAny('/', '%') < 0;

    /// <summary>Not empty, not endless, no control characters, and Unicode.</summary>
    public static bool IsText(string name) =>
        name.Length is > 0 and <= MaxLength && !name.Any(char.IsControl) && !name.EnumerateRunes().Contains(Rune.ReplacementChar);

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.ExplicitCapture, RegexTimeout.Milliseconds)]
    private static partial Regex Label { get; }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?\z", RegexOptions.ExplicitCapture, RegexTimeout.Milliseconds)]
    private static partial Regex SubdomainPart { get; }
}
