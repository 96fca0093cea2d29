using Marten.Events;

namespace Governance.Lifecycle.Evidence;

/// <summary>Reads events of older forms as today's. None is needed yet: every event has its first form.</summary>
internal static class Upcasters
{
    public static void Register(IEventStoreOptions events) => ArgumentNullException.ThrowIfNull(events);
}
