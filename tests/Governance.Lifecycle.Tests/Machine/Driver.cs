using Governance.Contracts;
using Governance.Contracts.Intake;
using Governance.Contracts.Issuance;
using Governance.EventStore.Sagas;
using Governance.Lifecycle.Facts;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Principals;
using Governance.ServiceDefaults;
using Marten;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.Tests.Machine;

/// <summary>
/// Runs the machine's transitions on a real store, without a bus: each call is one message or one command, with its transaction.
/// </summary>
internal sealed class Driver
{
    private readonly GrantSessions _sessions;
    private readonly GrantRaiser _raiser;
    private readonly TimeProvider _clock;

    public Driver(IServiceProvider services, TimeProvider clock)
    {
        Store = services.GetRequiredService<IDocumentStore>();
        _clock = clock;
        _sessions = new GrantSessions(Store, clock, services.GetRequiredService<IOptions<GovernanceOptions>>());
        var transitions = new GrantTransitions(
            services.GetRequiredService<FactsAssembler>(),
            services.GetRequiredService<Lifecycle.Catalog.Catalogs>(),
            services.GetRequiredService<ToldTimes>(),
            services.GetRequiredService<IOptions<LifecycleOptions>>(),
            NullLogger<GrantTransitions>.Instance
        );
        _raiser = new GrantRaiser(new GrantStateMachine(transitions));
    }

    public IDocumentStore Store { get; }

    public GrantStateMachine Machine => _raiser.Machine;

    /// <summary>What the machine held when it last saved, by grant.</summary>
    public Dictionary<Guid, string> Held { get; } = [];

    public Task RequestAsync(AccessRequested request) =>
        Mediation.RunAsync(async context =>
        {
            var session = (GrantSession)_sessions.Open(Mediation.With(context, request));
            await using var disposing = session;
            var saga = (ISagaSession<Grant>)session;
            var grant = await saga.LoadAsync(request.GrantId, CancellationToken.None);
            if (grant is null)
            {
                grant = new Grant { Id = request.GrantId };
                saga.Add(grant);
            }

            await SaveAsync(context, session, grant, Machine.Requested, request);
        });

    /// <summary>A message of the bus.</summary>
    public Task RaiseAsync<T>(Guid grantId, Event<T> happened, T message)
        where T : class =>
        Mediation.RunAsync(async context =>
        {
            var session = (GrantSession)_sessions.Open(Mediation.With(context, message));
            await using var disposing = session;
            var grant = await ((ISagaSession<Grant>)session).LoadAsync(grantId, CancellationToken.None);
            await SaveAsync(context, session, grant!, happened, message);
        });

    /// <summary>A command from a person.</summary>
    /// <returns>Why it was turned down; null when it wasn't.</returns>
    public async Task<Refusal?> CommandAsync<T>(Event<T> command, T message)
        where T : GrantCommand
    {
        Refusal? refusal = null;
        await Mediation.RunAsync(async context =>
        {
            await using var session = _sessions.OpenFor(message.Actor, null);
            var grant = await session.OpenForGrantAsync(message.GrantId, withActor: false, CancellationToken.None);
            await SaveAsync(context, session, grant!, command, message);
            refusal = session.Refusal;
        });
        return refusal;
    }

    public Task ObservedAsync(HoldingObserved seen) =>
        Mediation.RunAsync(context =>
            new HoldingObservedConsumer(_sessions, _raiser, NullLogger<HoldingObservedConsumer>.Instance).Consume(
                Mediation.With(context, seen)
            )
        );

    public Task FailedAsync(HoldingFailed failed) =>
        Mediation.RunAsync(context => new HoldingFailedConsumer(_sessions, _raiser, _clock).Consume(Mediation.With(context, failed)));

    private async Task SaveAsync<T>(ConsumeContext context, GrantSession session, Grant grant, Event<T> happened, T message)
        where T : class
    {
        await _raiser.RaiseAsync(context, session, grant, happened, message);
        await session.SaveAsync(CancellationToken.None);
        if (session.Refusal is null)
        {
            Held[grant.Id] = CanonicalJson.Serialize(grant, WireJson.Options);
        }
    }
}
