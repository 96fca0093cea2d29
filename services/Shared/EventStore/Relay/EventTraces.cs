using System.Diagnostics;
using Governance.ServiceDefaults;
using JasperFx.Events;
using Marten;

namespace Governance.EventStore.Relay;

/// <summary>Carries the trace across the event store: the writer's context travels in the event's headers.</summary>
public static class EventTraces
{
    /// <summary>Header with the W3C trace context of the writer.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>Puts the current trace context on everything that the session will append.</summary>
    public static void Stamp(IDocumentSession session)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id })
        {
            session.SetHeader(TraceParent, id);
        }
    }

    /// <summary>Starts a span that continues the trace of the event's writer; null while nobody listens.</summary>
    public static Activity? Continue(IEvent committed, string what)
    {
        var parent = committed.Headers?.TryGetValue(TraceParent, out var value) == true ? value?.ToString() : null;
        return ActivityContext.TryParse(parent, null, isRemote: true, out var context)
            ? Telemetry.Activities.StartActivity($"{what} {committed.EventTypeName}", ActivityKind.Producer, context)
            : Telemetry.Activities.StartActivity($"{what} {committed.EventTypeName}", ActivityKind.Producer);
    }
}
