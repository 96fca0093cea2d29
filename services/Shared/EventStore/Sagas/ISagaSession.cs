using MassTransit;

namespace Governance.EventStore.Sagas;

/// <summary>
/// One transaction of an event-sourced saga: what the transitions recorded is appended to the instance's stream, and nothing else is saved.
/// Transitions reach it as a payload of their context.
/// </summary>
/// <typeparam name="TSaga">The instance, which is the aggregate of its stream.</typeparam>
public interface ISagaSession<TSaga> : IAsyncDisposable
    where TSaga : class, ISaga
{
    /// <summary>Takes the locks that the message needs, then reads the instance for writing; null when there is no stream.</summary>
    Task<TSaga?> LoadAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Takes a new instance in: its stream starts with what is recorded.</summary>
    void Add(TSaga instance);

    /// <summary>Commits what was recorded; does nothing when nothing was.</summary>
    /// <exception cref="Exception">The store's concurrency exceptions: retry with a new session.</exception>
    Task SaveAsync(CancellationToken cancellationToken);
}

/// <summary>Opens the session of a message.</summary>
public interface ISagaSessionFactory<TSaga>
    where TSaga : class, ISaga
{
    /// <summary>A session that has not touched the database yet.</summary>
    ISagaSession<TSaga> Open<TMessage>(ConsumeContext<TMessage> context)
        where TMessage : class;
}
