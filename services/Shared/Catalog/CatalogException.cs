namespace Governance.Catalog;

/// <summary>The catalog's files are wrong.</summary>
public sealed class CatalogException(IReadOnlyList<string> errors)
    : Exception("The catalog has " + errors.Count + " error(s): " + string.Join("; ", errors))
{
    /// <summary>Each names the field and the remedy.</summary>
    public IReadOnlyList<string> Errors => errors;
}
