namespace Governance.Reading;

/// <summary>What a chain of those on whose behalf a principal acts may hold. Asked of names first, and of ids once they are known: one principal may have two names.</summary>
public static class DelegationRules
{
    /// <summary>What is wrong with the chain, each with its place in it.</summary>
    /// <param name="principal">Who acts.</param>
    /// <param name="chain">Nearest first; null for what could not be read.</param>
    public static IEnumerable<(int Index, string Code, string Remedy)> Faults(string principal, IReadOnlyList<string?> chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var before = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < chain.Count; i++)
        {
            if (chain[i] is not { } name)
            {
                continue;
            }

            if (string.Equals(name, principal, StringComparison.Ordinal))
            {
                yield return (i, "is-principal", "Remove the principal itself: it acts on behalf of others.");
            }
            else if (!before.Add(name))
            {
                yield return (i, "duplicate-name", "Name everybody once.");
            }
        }
    }
}
