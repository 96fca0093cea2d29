namespace Governance.Intake.Reading;

/// <summary>Bounds of members that only events have; <c>contracts/schemas</c> says the same.</summary>
internal static class Limits
{
    public const int IdLength = Bounds.NameLength;
    public const int SourceLength = 512;
    public const int UrlLength = 2048;
    public const int StateLength = 64;
    public const int JustificationLength = Bounds.FreeTextLength;
    public const int ExtensionNameLength = 64;
    public const int ExtensionLength = 2048;
    public const int Approvals = 50;
}
