using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.EventStore.Relay;
using Governance.Lifecycle.Catalog;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Refusals;
using Governance.ServiceDefaults;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle.DecisionStream;

/// <summary>
/// Publishes what SIEMs are told, one by one in store order. <c>sequence</c> is the store's, <c>prevsequence</c> that of the message before,
/// so a reader can prove that nothing is missing; a repeat after a crash carries the same numbers and the same id.
/// </summary>
internal sealed class DecisionStreamSubscription : SubscriptionBase
{
    public const string SubscriptionName = "decision-stream";

    private readonly Catalogs _catalogs;
    private readonly DecisionPublisher _publisher;
    private readonly SubscriptionMonitor _monitor;
    private readonly string _tenant;
    private readonly TimeProvider _clock;
    private readonly ILogger<DecisionStreamSubscription> _logger;

    public DecisionStreamSubscription(
        Catalogs catalogs,
        DecisionPublisher publisher,
        SubscriptionMonitors monitors,
        IOptions<GovernanceOptions> governance,
        TimeProvider clock,
        ILogger<DecisionStreamSubscription> logger
    )
    {
        Name = SubscriptionName;
        (_catalogs, _publisher, _monitor, _tenant, _clock, _logger) = (
            catalogs,
            publisher,
            monitors.For(SubscriptionName),
            governance.Value.Tenant,
            clock,
            logger
        );
    }

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
        var cursor = await operations.LoadAsync<DecisionCursor>(DecisionCursor.Only, cancellationToken) ?? new DecisionCursor();
        var messages = await DescribeAsync(page, operations, cursor, cancellationToken);
        if (messages.Count == 0)
        {
            return NullChangeListener.Instance;
        }

        CrashPoints.Reach("lifecycle.decisions.before-publish");
        var done = 0;
        await PageRetry.UntilDoneAsync(
            async () =>
            {
                for (; done < messages.Count; done++)
                {
                    await _publisher.PublishAsync(messages[done], cancellationToken);
                }
            },
            _monitor,
            _clock,
            _logger,
            cancellationToken
        );
        CrashPoints.Reach("lifecycle.decisions.after-publish");
        operations.Store(new DecisionCursor { LastSequence = messages[^1].Sequence });
        return NullChangeListener.Instance;
    }

    private async Task<List<DecisionMessage>> DescribeAsync(
        EventRange page,
        IDocumentOperations operations,
        DecisionCursor cursor,
        CancellationToken cancellationToken
    )
    {
        // A leader that slept reads a page late: what its successor has told by now is told, and would follow the wrong message here.
        var candidates = page
            .Events.Where(e => e.Sequence > cursor.LastSequence)
            .Where(e => e.Data is RefusalRecorded || DecisionMessages.Describe(e, null, null) is not null)
            .ToList();
        if (candidates.Count == 0)
        {
            return [];
        }

        var grants = (
            await operations.LoadManyAsync<Grant>(
                cancellationToken,
                [.. candidates.Where(e => e.Data is not RefusalRecorded).Select(e => e.StreamId).Distinct()]
            )
        ).ToDictionary(g => g.Id);
        var catalog = await _catalogs.InForceAsync(operations, cancellationToken);
        var previous = cursor.LastSequence;
        var messages = new List<DecisionMessage>(candidates.Count);
        foreach (var committed in candidates)
        {
            var (type, data) = DecisionMessages.Describe(committed, grants.GetValueOrDefault(committed.StreamId), catalog)!.Value;
            messages.Add(Envelope(committed, type, data, previous));
            previous = committed.Sequence;
        }

        return messages;
    }

    private DecisionMessage Envelope(IEvent committed, string type, object data, long previous)
    {
        var envelope = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = committed.Id.ToString(),
            ["source"] = "urn:governance:" + _tenant,
            ["type"] = type,
            ["subject"] = committed.StreamId.ToString(),
            ["time"] = Moments.ToWire(committed.Timestamp),
            ["datacontenttype"] = "application/json",
            ["sequence"] = Sequence(committed.Sequence),
            ["prevsequence"] = Sequence(previous),
            ["data"] = JsonSerializer.SerializeToNode(data, WireJson.Options),
        };
        var trace = committed.Headers?.GetValueOrDefault(EventTraces.TraceParent)?.ToString();
        if (trace is not null)
        {
            envelope["traceparent"] = trace;
        }

        return new DecisionMessage(
            committed.Id,
            type,
            committed.Sequence,
            committed.Timestamp,
            trace,
            JsonSerializer.SerializeToUtf8Bytes(envelope, WireJson.Options)
        );
    }

    // CloudEvents compares sequences as text, so they are padded.
    private static string Sequence(long value) => value.ToString("D19", CultureInfo.InvariantCulture);
}

/// <summary>Where the stream is: committed together with the subscription's progress.</summary>
public sealed record DecisionCursor
{
    public const string Only = "decision-stream";

    public string Id { get; init; } = Only;

    /// <summary>Store sequence of the last message; 0 before the first.</summary>
    public long LastSequence { get; init; }
}

/// <summary>A message ready to leave.</summary>
internal sealed record DecisionMessage(
    Guid Id,
    string Type,
    long Sequence,
    DateTimeOffset Time,
    string? TraceParent,
    ReadOnlyMemory<byte> Body
);
