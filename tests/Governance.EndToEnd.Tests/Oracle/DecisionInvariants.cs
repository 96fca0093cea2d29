using Governance.EndToEnd.Tests.Running;
using Governance.Lifecycle.DecisionStream;
using JasperFx.Events;

namespace Governance.EndToEnd.Tests.Oracle;

/// <summary>The decision stream tells every decision, in order, without a gap.</summary>
internal static class DecisionInvariants
{
    public static IEnumerable<Violation> UnbrokenChain(IReadOnlyList<DecisionLogEntry> log, StoredHistory history)
    {
        var expected = history.Events.Where(IsTold).ToList();
        long previous = 0;
        var told = new Dictionary<long, DecisionLogEntry>();
        foreach (var entry in log)
        {
            if (told.TryGetValue(entry.Sequence, out var before))
            {
                if (before.Body != entry.Body)
                {
                    yield return new Violation(
                        $"Message {entry.Sequence} was repeated with another body:\n  {before.Body}\n  {entry.Body}",
                        Guid.Parse(entry.Subject)
                    );
                }

                continue;
            }

            if (entry.Previous != previous)
            {
                yield return new Violation(
                    $"Message {entry.Sequence} follows {previous}, but says that it follows {entry.Previous}",
                    Guid.Parse(entry.Subject)
                );
            }

            told[entry.Sequence] = entry;
            previous = entry.Sequence;
        }

        foreach (var missing in expected.Where(e => !told.TryGetValue(e.Sequence, out var entry) || entry.Id != e.Id.ToString()))
        {
            yield return new Violation($"The decision stream lacks event {missing.Sequence} ({missing.Type})", missing.Stream, missing.At);
        }

        foreach (var stray in told.Keys.Except(expected.Select(e => e.Sequence)))
        {
            yield return new Violation($"The decision stream has {stray}, which is no decision in the store");
        }
    }

    private static bool IsTold(StoredEvent e) =>
        DecisionMessages.Describe((IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(e.Data.GetType()), e.Data)!, null, null)
            is not null;
}
