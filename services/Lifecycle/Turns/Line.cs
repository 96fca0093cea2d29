namespace Governance.Lifecycle.Turns;

/// <summary>Whose turn it is.</summary>
/// <remarks>
/// Policy is asked about several grants of an actor at once, since most permits change nothing for the others. Who was overtaken is asked
/// about alone next time, so that nobody is asked about more than twice for what others were permitted. The line is no lock: two processes
/// that look at once may ask about one more, and then somebody is overtaken again, and never denied for it.
/// </remarks>
public static class Line
{
    /// <summary>So many are asked about at once.</summary>
    public const int Width = 8;

    /// <summary>Who has been without an answer for longer keeps nobody waiting.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Those that policy may be asked about now, the earliest request first.</summary>
    /// <param name="line">The line of one actor; of those who wait, the first <see cref="Width"/> are enough.</param>
    /// <param name="now">The moment.</param>
    public static IReadOnlyList<Turn> Next(IReadOnlyCollection<Turn> line, DateTimeOffset now)
    {
        var asked = line.Where(t => t.AskedAt is { } at && (now - at).Duration() < Patience).ToList();
        if (asked.Exists(t => t.Overtaken))
        {
            return [];
        }

        var waiting = line.Where(t => t.AskedAt is null).OrderBy(t => t.RequestedAt).ThenBy(t => t.Id).ToList();
        if (waiting is [{ Overtaken: true } alone, ..])
        {
            return asked.Count == 0 ? [alone] : [];
        }

        return [.. waiting.TakeWhile(t => !t.Overtaken).Take(Math.Max(0, Width - asked.Count))];
    }
}
