namespace Governance.Intake.Reading;

/// <summary>Bounds of what is taken at the door; <c>contracts/schemas</c> says the same.</summary>
internal static class Limits
{
    public const int BodyBytes = 256 * 1024;
    public const int Depth = 16;
    public const int IdLength = 256;
    public const int SourceLength = 512;
    public const int UrlLength = 2048;
    public const int StateLength = 64;
    public const int JustificationLength = 4000;
    public const int ExtensionNameLength = 64;
    public const int ExtensionLength = 2048;
    public const int Approvals = 50;
    public const int Delegators = 8;
    public const int ReportedFaults = 50;

    public static readonly TimeSpan Duration = TimeSpan.FromDays(366);
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(366);

    /// <summary>How far a sender's clock may be ahead of ours.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);
}
