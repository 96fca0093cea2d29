namespace Governance.Cedar.Bundles;

/// <summary>
/// How large a bundle's files may be. The engine is recursive and its stack finite, and its answers are read to a depth of 512: both are
/// reached at more than twice these. Bundles that are stored already are not held to them, since decisions were made with them.
/// </summary>
internal static class BundleLimits
{
    /// <summary>Of one file.</summary>
    public const int FileBytes = 1024 * 1024;

    /// <summary>Of all files together.</summary>
    public const int Bytes = 8 * 1024 * 1024;

    /// <summary>Of one policy, or one statement of a schema, in UTF-16 code units.</summary>
    public const int StatementLength = 128 * 1024;

    /// <summary>Policies of a bundle.</summary>
    public const int Policies = 5000;

    /// <summary>Operators that lie within each other; a pair of brackets and an <c>if</c> count three times.</summary>
    public const int Nesting = 200;
}
