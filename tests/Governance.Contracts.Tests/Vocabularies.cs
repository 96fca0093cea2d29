using System.Reflection;
using System.Text.Json;
using Governance.Intake;
using Governance.Lifecycle;

namespace Governance.Contracts.Tests;

/// <summary>Enumerations and their words on the wire and in the stores.</summary>
internal static class Vocabularies
{
    /// <summary>Those of the contracts, by name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> OfContracts { get; } =
        Of(typeof(ActorRef).Assembly)
            .Where(t => t.IsPublic)
            .OrderBy(t => t.Name, StringComparer.Ordinal)
            .ToDictionary(t => t.Name, Words, StringComparer.Ordinal);

    /// <summary>Those of the contracts and of the services that store events.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> All { get; } =
    [.. new[] { typeof(ActorRef), typeof(IntakeHost), typeof(LifecycleOptions) }.SelectMany(t => Of(t.Assembly)).Select(Words)];

    private static IEnumerable<Type> Of(Assembly assembly) => assembly.GetTypes().Where(t => t.IsEnum);

    private static IReadOnlyList<string> Words(Type type) =>
        [.. Enum.GetValues(type).Cast<object>().Select(v => JsonSerializer.SerializeToNode(v, type, WireJson.Options)!.GetValue<string>())];
}
