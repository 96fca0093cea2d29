using MassTransit;
using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Saga;

namespace Governance.EventStore.Sagas;

/// <summary>Registers an event-sourced saga repository.</summary>
public static class EventSourcedSagaRepository
{
    /// <summary>The saga's instance is the aggregate of its stream. A session factory must be registered.</summary>
    public static ISagaRegistrationConfigurator<TSaga> EventSourcedRepository<TSaga>(this ISagaRegistrationConfigurator<TSaga> saga)
        where TSaga : class, ISaga =>
        saga.Repository(r =>
            r.RegisterSagaRepository<
                TSaga,
                ISagaSession<TSaga>,
                SagaConsumeContextFactory<ISagaSession<TSaga>, TSaga>,
                EventSourcedSagaContextFactory<TSaga>
            >()
        );
}

/// <summary>Loads by <see cref="ISagaSession{TSaga}.LoadAsync"/>, saves by <see cref="ISagaSession{TSaga}.SaveAsync"/>.</summary>
internal sealed class EventSourcedSagaContextFactory<TSaga>(
    ISagaSessionFactory<TSaga> sessions,
    ISagaConsumeContextFactory<ISagaSession<TSaga>, TSaga> contexts
) : ISagaRepositoryContextFactory<TSaga>
    where TSaga : class, ISaga
{
    public void Probe(ProbeContext context) => context.Add("persistence", "event-sourced");

    public async Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class
    {
        await using var session = sessions.Open(context);
        var withSession = new ConsumeContextScope<T>(context, session);
        await next.Send(new EventSourcedSagaContext<TSaga, T>(session, withSession, contexts)).ConfigureAwait(false);
    }

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class => throw new NotSupportedException("Grants are found by their id only: correlate by id.");
}

internal sealed class EventSourcedSagaContext<TSaga, TMessage>(
    ISagaSession<TSaga> session,
    ConsumeContext<TMessage> message,
    ISagaConsumeContextFactory<ISagaSession<TSaga>, TSaga> contexts
) : ConsumeContextScope<TMessage>(message), SagaRepositoryContext<TSaga, TMessage>
    where TSaga : class, ISaga
    where TMessage : class
{
    private readonly ConsumeContext<TMessage> _message = message;

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(
        ConsumeContext<T> consumeContext,
        TSaga instance,
        SagaConsumeContextMode mode
    )
        where T : class => contexts.CreateSagaConsumeContext(session, consumeContext, instance, mode);

    public Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance)
    {
        session.Add(instance);
        return CreateSagaConsumeContext(_message, instance, SagaConsumeContextMode.Add);
    }

    public Task<SagaConsumeContext<TSaga, TMessage>> Insert(TSaga instance) => Add(instance);

    public async Task<SagaConsumeContext<TSaga, TMessage>> Load(Guid correlationId)
    {
        var instance = await session.LoadAsync(correlationId, CancellationToken).ConfigureAwait(false);
        return instance is null
            ? null!
            : await CreateSagaConsumeContext(_message, instance, SagaConsumeContextMode.Load).ConfigureAwait(false);
    }

    public Task Save(SagaConsumeContext<TSaga> context) => session.SaveAsync(CancellationToken);

    public Task Update(SagaConsumeContext<TSaga> context) => session.SaveAsync(CancellationToken);

    public Task Delete(SagaConsumeContext<TSaga> context) =>
        throw new NotSupportedException("A grant's history is evidence: it is never deleted.");

    public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<TSaga> context) => Task.CompletedTask;
}
