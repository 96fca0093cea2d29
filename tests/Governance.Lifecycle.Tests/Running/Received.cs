using System.Collections.Concurrent;
using MassTransit;

namespace Governance.Lifecycle.Tests.Running;

/// <summary>Notes which messages a service has dealt with, so that a test can say "and nothing happened".</summary>
internal sealed class Received : IReceiveObserver
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<Exception?>> _done = new();

    /// <summary>Ends when the message was consumed (null) or given up (why).</summary>
    public Task<Exception?> WaitAsync(Guid messageId) => Of(messageId).Task.WaitAsync(TimeSpan.FromSeconds(30));

    public void Forget(Guid messageId) => _done.TryRemove(messageId, out _);

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Done(context, null);

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Done(context, exception);

    private Task Done(ReceiveContext context, Exception? why)
    {
        if (context.GetMessageId() is { } id)
        {
            Of(id).TrySetResult(why);
        }

        return Task.CompletedTask;
    }

    private TaskCompletionSource<Exception?> Of(Guid id) =>
        _done.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
