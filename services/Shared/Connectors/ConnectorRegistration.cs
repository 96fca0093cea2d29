using Microsoft.Extensions.DependencyInjection;

namespace Governance.Connectors;

/// <summary>A kind of target that the process can reach.</summary>
/// <param name="Kind">The kind's name, for example <c>postgresql</c>.</param>
/// <param name="Create">Makes a connector for one target. Does not call the target.</param>
/// <param name="Validate">Says what is wrong with a target's settings, without repeating a secret.</param>
public sealed record ConnectorRegistration(
    string Kind,
    Func<IServiceProvider, ConnectorSettings, IConnector> Create,
    Func<ConnectorSettings, IEnumerable<string>> Validate
);

/// <summary>Registers kinds of targets.</summary>
public static class ConnectorServiceCollectionExtensions
{
    /// <summary>Adds a kind of target: with the connector's class, this is all that a new kind needs.</summary>
    public static IServiceCollection AddConnector(
        this IServiceCollection services,
        string kind,
        Func<IServiceProvider, ConnectorSettings, IConnector> create,
        Func<ConnectorSettings, IEnumerable<string>> validate
    ) => services.AddSingleton(new ConnectorRegistration(kind, create, validate));
}
