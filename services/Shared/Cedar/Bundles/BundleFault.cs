using System.Globalization;

namespace Governance.Cedar.Bundles;

/// <summary>One reason why a bundle was refused.</summary>
/// <param name="File">The file it is in; the directory where it is about no single file.</param>
/// <param name="Policy">The policy's <c>@id</c>; null where there is none or it is about no single policy.</param>
/// <param name="Line">From 1; null where not known.</param>
/// <param name="Column">From 1, in UTF-16 code units; null where not known.</param>
/// <param name="Message">What is wrong, for the policy's author.</param>
public sealed record BundleFault(string File, string? Policy, int? Line, int? Column, string Message)
{
    /// <summary><c>file:line:column: policy: message</c>, as compilers do.</summary>
    public override string ToString()
    {
        var place = Line is null ? File : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
        return Policy is null ? $"{place}: {Message}" : $"{place}: {Policy}: {Message}";
    }
}
