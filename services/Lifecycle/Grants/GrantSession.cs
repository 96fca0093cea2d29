using System.Text.Json;
using Governance.Contracts;
using Governance.EventStore.Relay;
using Governance.EventStore.Sagas;
using Governance.Lifecycle.Installation;
using Governance.Lifecycle.Principals;
using Governance.Lifecycle.Texts;
using Governance.Lifecycle.Turns;
using JasperFx.Events;
using Marten;
using Npgsql;

namespace Governance.Lifecycle.Grants;

/// <summary>
/// One transaction over grants and the ledger of one principal, under the principal's lock. A permit first holds what is in force and takes
/// the actor's lock, and with the principal's also the locks of those on whose behalf it acts, whose ledgers it then may change too.
/// What is recorded is applied to the instance at once and appended when saved.
/// </summary>
public sealed class GrantSession(IDocumentStore store, TimeProvider clock, SessionOrigin origin) : ISagaSession<Grant>
{
    private readonly Dictionary<Guid, Tracked<Grant>> _grants = [];
    private readonly List<Func<CancellationToken, Task>> _afterCommit = [];
    private IDocumentSession? _session;
    private readonly Dictionary<string, Tracked<PrincipalLedger>> _ledgers = new(StringComparer.Ordinal);
    private string? _principal;
    private DateTimeOffset? _now;
    private bool _kept;
    private readonly SortedSet<string> _locked = new(StringComparer.Ordinal);

    /// <summary>The moment of this transaction, by the database's clock: every event of it carries the same.</summary>
    public DateTimeOffset Now => _now ??= clock.Now();

    public ActorRef Actor => origin.Actor;

    /// <summary>Set when a command does not fit: nothing is saved.</summary>
    public Refusal? Refusal { get; private set; }

    public IDocumentSession Documents => _session ?? throw new InvalidOperationException("The session has not been opened.");

    /// <summary>Begins the transaction under the lock of a principal.</summary>
    public async Task OpenForPrincipalAsync(string principal, CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        _principal = principal;
        // The ledger is read when the lock is there, and both come in one answer.
        var batch = Documents.CreateBatchQuery();
        var locked = InstallationLock.TakeAsync(batch, InstallationLock.OfPrincipal(principal));
        var ledger = batch.Events.FetchForWriting<PrincipalLedger>(NameBasedUuid.ForPrincipal(principal));
        await batch.Execute(cancellationToken);
        await locked;
        Track(principal, await ledger);
    }

    /// <summary>Begins the transaction under the lock of the principal of a grant; null when there is no such grant.</summary>
    /// <param name="grantId">The grant.</param>
    /// <param name="withActor">Takes the actor's lock first, as a permit must.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Grant?> OpenForGrantAsync(Guid grantId, bool withActor, CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        _principal = withActor ? await LockAllAsync(grantId, cancellationToken) : await LockPrincipalAsync(grantId, cancellationToken);
        if (_principal is null)
        {
            return null;
        }

        // Nearly every transition needs both, and they come in one answer.
        var batch = Documents.CreateBatchQuery();
        var grant = batch.Events.FetchForWriting<Grant>(grantId);
        var ledger = batch.Events.FetchForWriting<PrincipalLedger>(NameBasedUuid.ForPrincipal(_principal));
        await batch.Execute(cancellationToken);
        Track(_principal, await ledger);
        return Track(grantId, await grant);
    }

    /// <summary>A grant of this session's principal, for writing.</summary>
    public async Task<Grant?> GrantAsync(Guid grantId, CancellationToken cancellationToken)
    {
        if (_grants.TryGetValue(grantId, out var known))
        {
            return known.Aggregate;
        }

        return Track(grantId, await Documents.Events.FetchForWriting<Grant>(grantId, cancellationToken));
    }

    /// <summary>The ledger of this session's principal, for writing.</summary>
    public Task<PrincipalLedger> LedgerAsync(CancellationToken cancellationToken) =>
        LedgerOfAsync(_principal ?? throw new InvalidOperationException("The session has no principal."), cancellationToken);

    /// <summary>The ledger of a principal whose lock this session has, for writing.</summary>
    public async Task<PrincipalLedger> LedgerOfAsync(string principal, CancellationToken cancellationToken)
    {
        if (_ledgers.TryGetValue(principal, out var known))
        {
            return known.Aggregate;
        }

        if (principal != _principal && !_locked.Contains(principal))
        {
            throw new InvalidOperationException($"The session does not have the lock of {principal}.");
        }

        return Track(
            principal,
            await Documents.Events.FetchForWriting<PrincipalLedger>(NameBasedUuid.ForPrincipal(principal), cancellationToken)
        );
    }

    /// <summary>Those of the given grants that are over for good.</summary>
    public async Task<IReadOnlyList<Guid>> OverAsync(IReadOnlyList<Guid> grants, CancellationToken cancellationToken)
    {
        if (grants.Count == 0)
        {
            return [];
        }

        await using var command = new NpgsqlCommand(
            $"select id from {store.Options.Schema.For<Grant>()} where id = any($1) and data ->> 'currentState' = any($2) order by id"
        );
        command.Parameters.Add(new() { Value = grants.ToArray() });
        command.Parameters.Add(new() { Value = GrantState.Final.ToArray() });
        var over = new List<Guid>();
        await using var reader = await Documents.ExecuteReaderAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            over.Add(reader.GetGuid(0));
        }

        return over;
    }

    /// <summary>Whether policy may be asked about a grant now, by the line as this transaction sees it.</summary>
    public async Task<bool> IsTurnOfAsync(Grant grant, string? human, bool overtaken, CancellationToken cancellationToken)
    {
        var self = new Turn
        {
            Id = grant.Id,
            Actor = human ?? grant.Principal,
            RequestedAt = grant.RequestedAt,
            Version = grant.StreamVersion,
            Overtaken = overtaken,
        };
        var line = await new StoredLine(store).ReadAsync(Documents, self.Actor, cancellationToken);
        return Line.Next([.. line.Where(t => t.Id != grant.Id), self], Now).Any(t => t.Id == grant.Id);
    }

    /// <summary>Whose turn it is now that this transaction is committed.</summary>
    public Task<IReadOnlyList<Turn>> NextInLineAsync(string actor, CancellationToken cancellationToken) =>
        new StoredLine(store).NextAsync(actor, clock.Now(), cancellationToken);

    Task<Grant?> ISagaSession<Grant>.LoadAsync(Guid id, CancellationToken cancellationToken) =>
        origin.NewPrincipal is { } principal
            ? LoadNewAsync(id, principal, cancellationToken)
            : OpenForGrantAsync(id, origin.TakesActorLock, cancellationToken);

    void ISagaSession<Grant>.Add(Grant instance) => _grants[instance.Id] = new Tracked<Grant>(instance, null);

    public void Record<TEvent>(Grant grant, TEvent happened)
        where TEvent : notnull
    {
        EventFold.Apply(grant, happened);
        _grants[grant.Id].Pending.Add(happened);
    }

    public void Record<TEvent>(PrincipalLedger ledger, TEvent happened)
        where TEvent : notnull
    {
        EventFold.Apply(ledger, happened);
        _ledgers[ledger.Principal].Pending.Add(happened);
    }

    /// <summary>Keeps a person's words beside the stream; the digest goes into the event.</summary>
    public string? Keep(Guid grantId, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var kept = PersonalText.Of(grantId, text);
        Documents.Store(kept);
        return kept.Id;
    }

    /// <summary>Keeps which attempt failed last for a grant that is in trouble; older ones are passed over.</summary>
    public async Task KeepAsync(LatestFailure latest, CancellationToken cancellationToken)
    {
        if (
            _grants.TryGetValue(latest.Id, out var tracked)
            && tracked.Aggregate.Failure is not null
            && latest.Revision >= tracked.Aggregate.HoldingRevision
            && latest.IsAfter(await Documents.LoadAsync<LatestFailure>(latest.Id, cancellationToken))
        )
        {
            Documents.Store(latest);
            _kept = true;
        }
    }

    /// <summary>Turns the command down: nothing of this session is saved.</summary>
    public void Refuse(Refusal refusal) => Refusal = refusal;

    /// <summary>Runs when the transaction is committed, and not at all when it isn't.</summary>
    public void AfterCommit(Func<CancellationToken, Task> action) => _afterCommit.Add(action);

    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        if (Refusal is not null)
        {
            return;
        }

        var recorded = _kept;
        foreach (var (id, tracked) in _grants.Where(g => g.Value.Pending.Count > 0))
        {
            recorded = true;
            if (tracked.Stream is { } stream)
            {
                stream.AppendMany(tracked.Pending);
            }
            else
            {
                Documents.Events.StartStream<Grant>(id, tracked.Pending);
            }

            KeepTurn(tracked.Turn, Turn.Of(tracked.Aggregate), id);
            if (tracked.WasFailing && tracked.Aggregate.Failure is null)
            {
                Documents.Delete<LatestFailure>(id);
            }
        }

        foreach (var (_, ledger) in _ledgers.Where(l => l.Value.Pending.Count > 0))
        {
            recorded = true;
            ledger.Stream!.AppendMany(ledger.Pending);
        }

        if (recorded)
        {
            CrashPoints.Reach("lifecycle.saga.before-commit");
            await Documents.SaveChangesAsync(cancellationToken);
            CrashPoints.Reach("lifecycle.saga.after-commit");
        }

        await DisposeSessionAsync();
        foreach (var tracked in _grants.Values)
        {
            tracked.Pending.ForEach(happened => GrantMetrics.Committed(tracked.Aggregate, happened));
        }

        foreach (var action in _afterCommit)
        {
            await action(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync() => await DisposeSessionAsync();

    private Grant? Track(Guid grantId, IEventStream<Grant> stream)
    {
        if (stream.Aggregate is not { } stored)
        {
            return null;
        }

        var grant = Copy(stored);
        _grants[grantId] = new Tracked<Grant>(grant, stream) { Turn = Turn.Of(grant), WasFailing = grant.Failure is not null };
        return grant;
    }

    private void KeepTurn(Turn? before, Turn? after, Guid grantId)
    {
        if (after is null && before is not null)
        {
            Documents.Delete<Turn>(grantId);
        }
        else if (after is not null && after != before)
        {
            Documents.Store(after);
        }
    }

    private PrincipalLedger Track(string principal, IEventStream<PrincipalLedger> stream)
    {
        var ledger = stream.Aggregate is { } stored
            ? Copy(stored)
            : new PrincipalLedger { Id = NameBasedUuid.ForPrincipal(principal), Principal = principal };
        _ledgers[principal] = new Tracked<PrincipalLedger>(ledger, stream);
        return ledger;
    }

    // The store folds what is appended into the object that it handed out, so what changes meanwhile is another.
    private static T Copy<T>(T stored) =>
        JsonSerializer.Deserialize<T>(JsonSerializer.SerializeToUtf8Bytes(stored, WireJson.Options), WireJson.Options)!;

    private async Task<Grant?> LoadNewAsync(Guid id, string principal, CancellationToken cancellationToken)
    {
        await OpenForPrincipalAsync(principal, cancellationToken);
        return await GrantAsync(id, cancellationToken);
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        _session = store.LightweightSession();
        _session.CorrelationId = origin.Correlation;
        _session.CausationId = origin.Causation;
        _session.LastModifiedBy = origin.Actor.Id;
        _session.SetHeader("actor", JsonSerializer.Serialize(origin.Actor, WireJson.Options));
        _session.SetHeader("tenant", origin.Tenant);
        EventTraces.Stamp(_session);
        await _session.BeginTransactionAsync(cancellationToken);
        _now = clock.Now();
    }

    /// <returns>The grant's principal, which is locked now; null when there is no such grant.</returns>
    private async Task<string?> LockPrincipalAsync(Guid grantId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select data ->> 'principal', pg_advisory_xact_lock(hashtextextended($2 || (data ->> 'principal'), 0))
            from {store.Options.Schema.For<Grant>()} where id = $1
            """
        );
        command.Parameters.Add(new() { Value = grantId });
        command.Parameters.Add(new() { Value = InstallationLock.OfPrincipal("") });
        await using var reader = await Documents.ExecuteReaderAsync(command, cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? reader.GetString(0) : null;
    }

    /// <inheritdoc cref="LockPrincipalAsync"/>
    private async Task<string?> LockAllAsync(Guid grantId, CancellationToken cancellationToken)
    {
        if (await FindAsync(grantId, cancellationToken) is not { } found)
        {
            return null;
        }

        await InstallationLock.HoldInForceAsync(Documents, cancellationToken);
        // What one person has open in emergencies is counted under their lock, whoever the grantee belongs to.
        await InstallationLock.TakeAsync(
            Documents,
            cancellationToken,
            new SortedSet<string>(new[] { found.Human, found.Declarer }.OfType<string>(), StringComparer.Ordinal).Select(
                InstallationLock.OfActor
            )
        );

        _locked.Add(found.Principal);
        _locked.UnionWith(found.OnBehalfOf);
        await InstallationLock.TakeAsync(Documents, cancellationToken, _locked.Select(InstallationLock.OfPrincipal));
        return found.Principal;
    }

    private async Task<(string Principal, string? Human, string[] OnBehalfOf, string? Declarer)?> FindAsync(
        Guid grantId,
        CancellationToken cancellationToken
    )
    {
        var table = store.Options.Schema.For<Grant>();
        await using var command = new NpgsqlCommand(
            $"""
            select data ->> 'principal', data ->> 'human', data ->> 'onBehalfOf',
                case when (data ->> 'emergency')::boolean then data ->> 'requester' end
            from {table} where id = $1
            """
        );
        command.Parameters.Add(new() { Value = grantId });
        await using var reader = await Documents.ExecuteReaderAsync(command, cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (
                reader.GetString(0),
                await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1),
                await reader.IsDBNullAsync(2, cancellationToken) ? [] : JsonSerializer.Deserialize<string[]>(reader.GetString(2))!,
                await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetString(3)
            )
            : null;
    }

    private async Task DisposeSessionAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync();
        }
    }

    private sealed record Tracked<T>(T Aggregate, IEventStream<T>? Stream)
        where T : notnull
    {
        public List<object> Pending { get; } = [];

        /// <summary>The turn that a grant had before.</summary>
        public Turn? Turn { get; init; }

        public bool WasFailing { get; init; }
    }
}

/// <summary>What a transaction is about: for its locks and for the metadata of its events.</summary>
/// <param name="Actor">Who caused it.</param>
/// <param name="Tenant">The installation.</param>
/// <param name="Correlation">Correlation id.</param>
/// <param name="Causation">Id of the message or request that caused it.</param>
public sealed record SessionOrigin(ActorRef Actor, string Tenant, string? Correlation, string? Causation)
{
    /// <summary>For a request: its principal, since there may be no grant to find it by.</summary>
    public string? NewPrincipal { get; init; }

    /// <summary>For an answer that may be a permit.</summary>
    public bool TakesActorLock { get; init; }
}
