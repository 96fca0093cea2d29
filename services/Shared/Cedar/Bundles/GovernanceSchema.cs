namespace Governance.Cedar.Bundles;

/// <summary>The Cedar schema of this suite (<c>contracts/cedar/governance.cedarschema</c>): what policies can see, and what the decision engine fills in.</summary>
public static class GovernanceSchema
{
    /// <summary>The file's name, as faults name it.</summary>
    public const string FileName = "governance.cedarschema";

    private static readonly Lazy<string> Content = new(Read);

    /// <summary>The schema in Cedar's own syntax.</summary>
    public static string Text => Content.Value;

    private static string Read()
    {
        using var stream = typeof(GovernanceSchema).Assembly.GetManifestResourceStream(FileName)!;
        using var reader = new StreamReader(stream);
        return PolicyFile.NormaliseLineEnds(reader.ReadToEnd());
    }
}
