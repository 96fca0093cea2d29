using System.Collections.Concurrent;
using Governance.Catalog;
using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Evidence;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Installation;
using Governance.Lifecycle.Principals;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Governance.Lifecycle.Tests.Machine;

/// <summary>
/// What must hold after any history whatever. The seeds are fixed; <c>GOVERNANCE_TEST_WALKS=5000</c> walks further.
/// </summary>
public sealed class When_grants_live_random_lives
{
    private const int Steps = 30;
    private static readonly int Walks = int.TryParse(
        Environment.GetEnvironmentVariable("GOVERNANCE_TEST_WALKS"),
        System.Globalization.CultureInfo.InvariantCulture,
        out var walks
    )
        ? walks
        : 300;
    private readonly ConcurrentDictionary<Transition, int> _seen = new();
    private readonly ConcurrentDictionary<string, int> _events = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _broken = [];
    private string _catalog = "";
    private WebApplication _app = null!;
    private GrantStateMachine _machine = null!;

    [OneTimeSetUp]
    public async Task WalkAsync()
    {
        _catalog = TestCatalog.Create();
        var database = await SuiteServers.Current.CreateDatabaseAsync("walks");
        // Never started: transitions run on its store, and nothing else.
        _app = Service.Builder(database, "amqp://nobody@127.0.0.1:1/none", _catalog, null).Build();
        _machine = _app.Services.GetRequiredService<GrantStateMachine>();
        var store = _app.Services.GetRequiredService<IDocumentStore>();
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        await PutInForceAsync(store);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Walks),
            new ParallelOptions { MaxDegreeOfParallelism = 6 },
            async (seed, _) =>
            {
                try
                {
                    await WalkAsync(seed);
                }
                catch (Exception e)
                {
                    _broken.Add($"walk {seed}: {e}");
                }
            }
        );
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_catalog, recursive: true);
    }

    [Test]
    public void Should_leave_every_stream_in_order() =>
        Assert.That(
            _broken.Count,
            Is.Zero,
            () => string.Join("\n", _broken.Order(StringComparer.Ordinal).Take(3).Select(b => b[..Math.Min(b.Length, 1500)]))
        );

    [Test]
    public void Should_have_been_in_every_state() =>
        Assert.That(_seen.Keys.Select(t => t.To).Distinct(StringComparer.Ordinal), Is.SupersetOf(GrantState.All));

    [Test]
    public void Should_only_move_as_the_machine_declares()
    {
        var declared = Transitions.Of(_machine).Select(t => (t.From, t.To)).ToHashSet();
        Assert.That(_seen.Keys.Where(t => !declared.Contains((t.From, t.To))), Is.Empty);
    }

    [Test]
    public void Should_have_recorded_every_kind_of_event() =>
        Assert.That(
            EventNames
                .All.Values.Except(
                    [
                        "bundle-put-in-force.v1",
                        "catalog-put-in-force.v1",
                        "refusal-recorded.v1",
                        "evaluation-impossible.v1",
                        // Of three grants, two must be asked about within two seconds and a third be decided: by chance only.
                        "evaluation-queued.v1",
                        "retention-failed.v1",
                        "right-lost.v1",
                        "review-refused.v1",
                        "ticket-reported.v1",
                        "ticket-report-ignored.v1",
                        "ticket-state-unknown.v1",
                        "target-accepted.v1",
                        "retry-ordered.v1",
                        "catalog-held.v1",
                        "catalog-accepted.v1",
                        "catalog-hold-ended.v1",
                        "revocation-ordered.v1",
                        "revocation-aimed.v1",
                        "revocation-accounted.v1",
                        "revocation-finished.v1",
                    ],
                    StringComparer.Ordinal
                )
                .Where(n => !n.StartsWith("sweep-", StringComparison.Ordinal))
                .Where(n => !_events.ContainsKey(n)),
            Is.Empty
        );

    private async Task WalkAsync(int seed)
    {
        var clock = new WalkClock();
        var driver = new Driver(_app.Services, clock);
        var actor = TestCatalog.Get(seed % TestCatalog.Actors);
        var walk = new Walk(driver, clock, seed < TestCatalog.Actors ? actor : actor with { First = actor.Second }, seed);
        await walk.RunAsync(Steps);
        await CheckAsync(driver, walk, actor);
        await walk.ComeToRestAsync();
        await CheckAsync(driver, walk, actor);
        var ledger = await walk.LedgerAsync();
        Assert.That(ledger?.Claims ?? [], Is.Empty, "nothing is held any more");
        Assert.That(ledger?.Holdings.Values.SelectMany(h => h.Leases) ?? [], Is.Empty, "no lease is left");
        Assert.That(ledger?.Holdings.Values.SelectMany(h => h.Awaiting) ?? [], Is.Empty, "nobody waits");
        foreach (var transition in walk.Seen)
        {
            _seen.AddOrUpdate(transition, 1, (_, n) => n + 1);
        }
    }

    private async Task CheckAsync(Driver driver, Walk walk, Actor actor)
    {
        await using var session = driver.Store.QuerySession();
        foreach (var id in walk.Grants)
        {
            var events = await session.Events.FetchStreamAsync(id);
            var folded = events.Aggregate(new Grant { Id = id }, (g, e) => Fold(g, e.Data));
            var stored = await session.LoadAsync<Grant>(id);
            Assert.That(Text(folded), Is.EqualTo(Text(stored!)), $"grant {id}: folding gives another one than is stored");
            Assert.That(stored!.StreamVersion, Is.EqualTo(events.Count));
            if (
                driver.Held.TryGetValue(id, out var held)
                && held.Contains($"\"streamVersion\":{stored.StreamVersion}", StringComparison.Ordinal)
            )
            {
                Assert.That(held, Is.EqualTo(Text(stored)), $"grant {id}: the machine held another one than is stored");
            }

            Assert.That(_machine.States.Select(s => s.Name), Does.Contain(stored.CurrentState));
            OnceEach(
                events.Select(e => e.Data),
                typeof(GrantRequested),
                typeof(GrantActivated),
                typeof(RevocationStarted),
                typeof(GrantEnded),
                typeof(GrantDenied),
                typeof(GrantRejected),
                typeof(GrantLapsed),
                typeof(GrantWithdrawn)
            );
            CheckHold(id, stored, [.. events.Select(e => e.Data)]);
            CheckTimes(id, [.. events.Select(e => e.Data)]);
            var afterEnd = events
                .SkipWhile(e => e.Data is not (GrantEnded or GrantDenied or GrantRejected or GrantLapsed or GrantWithdrawn))
                .Skip(1)
                .Where(e => !(stored.Emergency && IsOfReview(e.Data)));
            Assert.That(afterEnd, Is.Empty, $"grant {id}: something follows the end");
            Count(events.Select(e => e.EventTypeName));
        }

        await CheckLedgerAsync(session, actor.First);
        // On whose behalf some of the grants are.
        await CheckLedgerAsync(session, actor.HumanId);
    }

    /// <summary>Only a renewal makes access last longer, and access that comes back was taken away before.</summary>
    /// <summary>Whatever Issuance's clock says, nothing was there before it was ordered, nor gone before it was told to be.</summary>
    private static void CheckTimes(Guid id, IReadOnlyList<object> events)
    {
        DateTimeOffset ordered = default;
        foreach (var happened in events)
        {
            ordered = happened switch
            {
                ActivationStarted e => e.At,
                SuspensionStarted e => e.At,
                RevocationStarted e => e.At,
                _ => ordered,
            };
            var (read, heard) = happened switch
            {
                GrantActivated e => (e.ActivatedAt, e.At),
                GrantResumed e => (e.ResumedAt, e.At),
                GrantSuspended e => (e.ObservedAt, e.At),
                GrantEnded e => (e.ObservedAt, e.At),
                _ => (ordered, ordered),
            };
            Assert.That(read, Is.InRange(ordered, heard), $"grant {id}: {happened.GetType().Name} outside of asking and hearing");
        }
    }

    private static void CheckHold(Guid id, Grant stored, IReadOnlyList<object> events)
    {
        var begun = events.OfType<ActivationStarted>().ToList();
        Assert.That(
            begun.Count,
            Is.LessThanOrEqualTo(1 + events.OfType<GrantSuspended>().Count()),
            $"grant {id}: given more often than taken away"
        );
        Assert.That(begun.Skip(1).Select(b => b.Until), Has.None.Null, $"grant {id}: what came back counts anew");
        DateTimeOffset? end = null;
        foreach (var happened in events)
        {
            var next = happened switch
            {
                GrantActivated e => e.ExpiresAt,
                GrantRenewed e => e.ExpiresAt,
                ActivationStarted { Until: { } until } => until,
                GrantResumed e => e.ExpiresAt,
                _ => end,
            };
            Assert.That(
                end is null || next <= end || happened is GrantRenewed,
                $"grant {id}: {happened.GetType().Name} made it last longer"
            );
            end = next;
        }

        Assert.That(stored.ExpiresAt, Is.EqualTo(end));
        var numbers = events.Select(e => e is CredentialHandedOut h ? h.Number : 0).Where(n => n > 0).ToList();
        Assert.That(numbers, Is.Ordered.And.Unique, $"grant {id}: a credential was handed out twice");
        Assert.That(numbers, Has.All.LessThanOrEqualTo(stored.CredentialNumber));
        if (stored.CurrentState is GrantState.Active && stored.Deadlines.TryGetValue(DeadlineKinds.Expiry, out var expiry))
        {
            Assert.That(expiry.Due, Is.EqualTo(end), $"grant {id}: its deadline is another than its end");
        }
    }

    private async Task CheckLedgerAsync(IQuerySession session, string principal)
    {
        var ledgerEvents = await session.Events.FetchStreamAsync(NameBasedUuid.ForPrincipal(principal));
        if (ledgerEvents.Count == 0)
        {
            return;
        }

        Count(ledgerEvents.Select(e => e.EventTypeName));
        var ledger = await session.LoadAsync<PrincipalLedger>(NameBasedUuid.ForPrincipal(principal));
        Assert.That(
            Text(ledgerEvents.Aggregate(new PrincipalLedger { Id = ledger!.Id }, (l, e) => Fold(l, e.Data))),
            Is.EqualTo(Text(ledger)),
            "the ledger folds to another one than is stored"
        );
        var revisions = ledgerEvents.Select(e => e.Data).OfType<HoldingDesired>().Select(d => d.Revision).ToList();
        Assert.That(revisions, Is.EqualTo(Enumerable.Range(1, revisions.Count).Select(n => (long)n)), "revisions are 1..n, each once");
    }

    private void Count(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            _events.AddOrUpdate(name, 1, (_, n) => n + 1);
        }
    }

    private static T Fold<T>(T aggregate, object happened)
        where T : notnull
    {
        EventFold.Apply(aggregate, happened);
        return aggregate;
    }

    private static void OnceEach(IEnumerable<object> events, params Type[] milestones)
    {
        foreach (var more in events.GroupBy(e => e.GetType()).Where(g => milestones.Contains(g.Key) && g.Count() > 1))
        {
            Assert.Fail($"{more.Key.Name} happened {more.Count()} times");
        }
    }

    // Emergency access is reviewed also when it is over.
    private static bool IsOfReview(object happened) =>
        happened
            is ReviewRecorded
                or ReviewSubmitted
                or ReviewRefused
                or EvaluationStarted { Purpose: DecisionPurpose.Review }
                or DecisionRecorded { Decision.Purpose: DecisionPurpose.Review }
                or ReviewMissed
                or DeadlineCancelled { Kind: DeadlineKinds.Review }
                or DeadlineSet { Kind: DeadlineKinds.Review };

    private static string Text<T>(T aggregate) => CanonicalJson.Serialize(aggregate, WireJson.Options);

    private async Task PutInForceAsync(IDocumentStore store)
    {
        var catalog = CatalogLoader.Load(_catalog);
        await using var session = store.LightweightSession();
        session.Store(new StoredCatalog { Id = catalog.Digest, Content = CatalogLoader.Canonical(catalog.Content) });
        session.Events.StartStream<InForce>(
            InForce.StreamId,
            new CatalogPutInForce(catalog.Digest, DateTimeOffset.UnixEpoch),
            new BundlePutInForce(1, "sha256:bundle-1", "sha256:schema", "test", 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)
        );
        await session.SaveChangesAsync();
    }
}
