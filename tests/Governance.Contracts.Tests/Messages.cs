using System.Reflection;
using MassTransit;

namespace Governance.Contracts.Tests;

internal static class Messages
{
    /// <summary>Every message of the bus.</summary>
    public static IReadOnlyList<Type> All { get; } =
    [
        .. typeof(ActorRef)
            .Assembly.GetExportedTypes()
            .Where(t => t.GetCustomAttribute<EntityNameAttribute>() is not null)
            .OrderBy(EntityName, StringComparer.Ordinal),
    ];

    public static string EntityName(Type message) => message.GetCustomAttribute<EntityNameAttribute>()!.EntityName;
}
