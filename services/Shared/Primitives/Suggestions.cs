namespace Governance;

/// <summary>Finds what somebody may have meant.</summary>
public static class Suggestions
{
    /// <summary>The candidate nearest to a name, if any is near: <c>; did you mean 'orders-db'?</c>, else nothing.</summary>
    public static string For(string name, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(candidates);
        var nearest = candidates
            .Where(candidate => Math.Abs(candidate.Length - name.Length) <= Most(name))
            .Select(candidate => (Candidate: candidate, Distance: Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(found => found.Distance <= Most(name))
            .OrderBy(found => found.Distance)
            .ThenBy(found => found.Candidate, StringComparer.Ordinal)
            .FirstOrDefault();
        return nearest.Candidate is null ? "" : $"; did you mean '{nearest.Candidate}'?";
    }

    private static int Most(string name) => Math.Max(1, Math.Min(3, name.Length / 3));

    // Levenshtein's.
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var (diagonal, left) = (row[0], i);
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var above = row[j];
                left = Math.Min(Math.Min(above, left) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (above, left);
            }
        }

        return row[^1];
    }
}
