using MassTransit;

namespace Governance.Messaging;

/// <summary>Publishing that fails when no queue takes the message.</summary>
public static class Publishing
{
    /// <summary>How long a publish may take before it counts as failed: the broker is away, or does not confirm.</summary>
    /// <remarks>One that began while the broker was away waits for this, even when the broker is back: it bounds how long a relay rests then.</remarks>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Publishes a message, persistent and mandatory, and waits for the broker's confirm.</summary>
    /// <remarks>A confirm alone does not mean that a queue took the message: an unroutable one is returned, and that is a failure here.</remarks>
    /// <param name="bus">The bus or a consume context.</param>
    /// <param name="message">The message.</param>
    /// <param name="type">Its contract type.</param>
    /// <param name="messageId">Its id: the same for every repeat, so that a consumer may recognise one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MessageReturnedException">No queue is bound for the message.</exception>
    /// <exception cref="TimeoutException">No confirm within <see cref="Timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task PublishMandatoryAsync(
        this IPublishEndpoint bus,
        object message,
        Type type,
        Guid messageId,
        CancellationToken cancellationToken = default
    )
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            // The first publish on a channel declares its exchange, which no token ends: where the connection broke meanwhile, it is never answered.
            await bus.Publish(message, type, Pipe.Execute<PublishContext>(context => Prepare(context, messageId)), timeout.Token)
                .WaitAsync(timeout.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The broker did not confirm within {Timeout.TotalSeconds} s.", e);
        }
    }

    /// <inheritdoc cref="PublishMandatoryAsync(IPublishEndpoint, object, Type, Guid, CancellationToken)"/>
    public static Task PublishMandatoryAsync<T>(
        this IPublishEndpoint bus,
        T message,
        Guid messageId,
        CancellationToken cancellationToken = default
    )
        where T : class => bus.PublishMandatoryAsync(message, typeof(T), messageId, cancellationToken);

    private static void Prepare(PublishContext context, Guid messageId)
    {
        context.MessageId = messageId;
        context.Durable = true;
        context.Mandatory = true;
    }
}
