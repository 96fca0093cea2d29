using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Principals;

namespace Governance.EndToEnd.Tests.Oracle;

/// <summary>What must hold for every stream, whatever happened.</summary>
internal static class StreamInvariants
{
    private static readonly Type[] Milestones =
    [
        typeof(GrantRequested),
        typeof(GrantDenied),
        typeof(GrantRejected),
        typeof(ActivationStarted),
        typeof(GrantActivated),
        typeof(RevocationStarted),
        typeof(GrantEnded),
        typeof(GrantLapsed),
        typeof(GrantWithdrawn),
    ];

    private static readonly Type[] Ends =
    [
        typeof(GrantDenied),
        typeof(GrantRejected),
        typeof(GrantEnded),
        typeof(GrantLapsed),
        typeof(GrantWithdrawn),
    ];

    public static IEnumerable<Violation> OnePerRequest(StoredHistory history) =>
        history
            .Stories.Values.GroupBy(g => (g.Requested.Source, g.Requested.RequestId))
            .Where(g => g.Count() > 1 || !IdsOf(g.Single().Requested).Contains(g.Single().Id))
            .Select(g => new Violation(
                $"{g.Key.RequestId} has {g.Count()} stream(s): {string.Join(", ", g.Select(s => s.Id))}",
                g.First().Id
            ));

    public static IEnumerable<Violation> MilestonesOnce(StoredHistory history) =>
        history.Stories.Values.SelectMany(g =>
            g.Events.GroupBy(e => e.Data.GetType())
                .Where(e => Milestones.Contains(e.Key) && e.Count() > 1 + (e.Key == typeof(ActivationStarted) ? Resumptions(g) : 0))
                .Select(e => new Violation($"{e.Key.Name} is {e.Count()} times in the stream of {g.Requested.RequestId}", g.Id))
                .Concat(
                    g.Events.Count(e => Ends.Contains(e.Data.GetType())) > 1
                        ? [new Violation($"{g.Requested.RequestId} ended in two ways", g.Id)]
                        : []
                )
        );

    public static IEnumerable<Violation> RevisionsInOrder(StoredHistory history) =>
        Ledgers(history)
            .Select(l => (l.Key, Revisions: l.Select(e => e.Data).OfType<HoldingDesired>().Select(d => d.Revision).ToList()))
            .Where(l => !l.Revisions.SequenceEqual(Enumerable.Range(1, l.Revisions.Count).Select(i => (long)i)))
            .Select(l => new Violation($"The ledger's revisions are {string.Join(", ", l.Revisions)}", l.Key));

    /// <summary>Whatever a clock says, access counts from no moment before it was ordered, and is gone at none after that was heard.</summary>
    public static IEnumerable<Violation> TimesBetweenAskingAndHearing(StoredHistory history) =>
        history.Stories.Values.SelectMany(g =>
            new[]
            {
                g is { Started: { } asked, Activated: { } there }
                && (there.ActivatedAt < asked.At || there.ActivatedAt > there.At || there.ExpiresAt > there.ActivatedAt + asked.Duration)
                    ? new Violation($"{g.Requested.RequestId} is active since {Moments.ToWire(there.ActivatedAt)}", g.Id, there.At)
                    : null,
                g is { Revoking: { } told, Ended: { } gone } && (gone.ObservedAt < told.At || gone.ObservedAt > gone.At)
                    ? new Violation($"{g.Requested.RequestId} is gone since {Moments.ToWire(gone.ObservedAt)}", g.Id, gone.At)
                    : null,
            }.OfType<Violation>()
        );

    /// <summary>Versions are 1..n in every stream, and no event is stored twice.</summary>
    public static IEnumerable<Violation> VersionsInOrder(StoredHistory history) =>
        history
            .Streams.Where(s => !s.Select(e => e.Version).SequenceEqual(Enumerable.Range(1, s.Count()).Select(i => (long)i)))
            .Select(s => new Violation("The stream's versions are " + string.Join(", ", s.Select(e => e.Version)), s.Key));

    /// <summary>Folding the events gives exactly what is stored beside them.</summary>
    public static IEnumerable<Violation> FoldsGiveTheStored(StoredHistory history)
    {
        foreach (var (id, story) in history.Stories)
        {
            var (stored, folded) = (
                history.Grants.TryGetValue(id, out var g) ? CanonicalJson.Canonicalize(g) : "nothing",
                CanonicalJson.Serialize(story.Fold(), WireJson.Options)
            );
            if (stored != folded)
            {
                yield return new Violation($"Folded:\n  {folded}\nstored:\n  {stored}", id);
            }
        }

        foreach (var ledger in Ledgers(history))
        {
            var (stored, folded) = (
                history.Ledgers.TryGetValue(ledger.Key, out var l) ? CanonicalJson.Canonicalize(l) : "nothing",
                CanonicalJson.Serialize(GrantStory.FoldLedger(ledger.Key, ledger), WireJson.Options)
            );
            if (stored != folded)
            {
                yield return new Violation($"Folded:\n  {folded}\nstored:\n  {stored}", ledger.Key);
            }
        }

        foreach (var orphan in history.Grants.Keys.Except(history.Stories.Keys))
        {
            yield return new Violation($"The instance {orphan} is stored without a history");
        }
    }

    // That of whoever is trusted for the source, or the sender's own.
    private static Guid[] IdsOf(GrantRequested request) =>
        [
            NameBasedUuid.ForRequest(request.Source, request.RequestId),
            NameBasedUuid.ForRequest(
                request.Source,
                request.RequestId,
                request.Actor.Assurance == Contracts.Decisions.Assurance.Verified ? request.Actor.Id : null
            ),
        ];

    // Each gives access anew.
    private static int Resumptions(GrantStory grant) => grant.Events.Count(e => e.Data is ResumptionRequested);

    private static IEnumerable<IGrouping<Guid, StoredEvent>> Ledgers(StoredHistory history) =>
        history.Streams.Where(s => s.First().Data is HoldingClaimed or HoldingDesired);
}
