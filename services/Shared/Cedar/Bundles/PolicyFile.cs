namespace Governance.Cedar.Bundles;

/// <summary>A file of policies.</summary>
/// <param name="Name">As faults name it; not part of the bundle's content.</param>
/// <param name="Text">Any number of policies. Line ends may be of any system: the bundle's content has line feeds.</param>
public sealed record PolicyFile(string Name, string Text)
{
    /// <summary>So that a checkout with other line ends is not another bundle.</summary>
    internal static string NormaliseLineEnds(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);
}
