using System.Diagnostics;
using Governance.Messaging;
using Governance.ServiceDefaults;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.EventStore.Relay;

/// <summary>
/// Turns committed events into messages: the event store is the outbox. All messages of a page leave concurrently, so the order of two
/// messages means nothing. A page that can't be published is tried again until it can; nothing is passed over.
/// </summary>
public sealed class EventRelay : SubscriptionBase
{
    /// <summary>Name of the subscription, under which its progress is kept.</summary>
    public const string SubscriptionName = "relay";

    private readonly IServiceProvider _services;
    private readonly IEventTranslator _translator;
    private readonly SubscriptionMonitor _monitor;
    private readonly ILogger<EventRelay> _logger;
    private readonly TimeProvider _clock;
    private readonly string _service;

    /// <summary>Created by the container.</summary>
    public EventRelay(
        IServiceProvider services,
        IEventTranslator translator,
        SubscriptionMonitors monitors,
        EventStoreIdentity identity,
        TimeProvider clock,
        ILogger<EventRelay> logger
    )
    {
        Name = SubscriptionName;
        _services = services;
        _translator = translator;
        _monitor = monitors.For(SubscriptionName);
        _service = identity.Schema;
        _clock = clock;
        _logger = logger;
    }

    /// <inheritdoc/>
    public override async Task<IChangeListener> ProcessEventsAsync(
        EventRange page,
        ISubscriptionController controller,
        IDocumentOperations operations,
        CancellationToken cancellationToken
    )
    {
        if (page.Events.Count == 0)
        {
            return NullChangeListener.Instance;
        }

        using var working = _monitor.Working();
        var messages = await TranslateAsync(page, operations, cancellationToken).ConfigureAwait(false);
        CrashPoints.Reach(_service + ".relay.before-publish");
        // The bus needs the store and the store its subscriptions, so the bus is asked for late.
        var bus = _services.GetRequiredService<IBus>();
        await PageRetry
            .UntilDoneAsync(
                () => Task.WhenAll(messages.Select(m => PublishAsync(bus, m, cancellationToken))),
                _monitor,
                _clock,
                _logger,
                cancellationToken
            )
            .ConfigureAwait(false);
        CrashPoints.Reach(_service + ".relay.after-publish");
        return NullChangeListener.Instance;
    }

    private async Task<List<Outgoing>> TranslateAsync(EventRange page, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        var messages = new List<Outgoing>(page.Events.Count);
        // A tombstone stands for a number of which the save failed: it means nothing to anybody.
        foreach (var committed in page.Events.Where(e => e.Data is not Tombstone))
        {
            try
            {
                var translated = await _translator.TranslateAsync(committed, operations, cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < translated.Count; i++)
                {
                    var type = translated[i].Type;
                    messages.Add(
                        new Outgoing(committed, translated[i], NameBasedUuid.ForMessage(committed.Id, MessageUrn.ForTypeString(type), i))
                    );
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.CannotTranslate(_logger, e, _service, committed.Sequence, committed.EventTypeName);
                _monitor.Failed($"event {committed.Sequence} ({committed.EventTypeName}) can't be translated: {e.Message}");
                throw;
            }
        }

        return messages;
    }

    private static async Task PublishAsync(IBus bus, Outgoing outgoing, CancellationToken cancellationToken)
    {
        using var activity = EventTraces.Continue(outgoing.Event, "relay");
        activity?.SetTag("messaging.message.id", outgoing.MessageId);
        await bus.PublishMandatoryAsync(outgoing.Message.Body, outgoing.Message.Type, outgoing.MessageId, cancellationToken)
            .ConfigureAwait(false);
    }

    private readonly record struct Outgoing(IEvent Event, OutgoingMessage Message, Guid MessageId);
}
