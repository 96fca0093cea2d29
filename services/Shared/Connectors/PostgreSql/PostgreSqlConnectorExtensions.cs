using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.PostgreSql;

/// <summary>Registers the kind <c>postgresql</c>.</summary>
public static class PostgreSqlConnectorExtensions
{
    /// <summary>Adds PostgreSQL targets.</summary>
    public static IServiceCollection AddPostgreSqlConnector(this IServiceCollection services) =>
        services.AddConnector(
            PostgreSqlConnector.KindName,
            (provider, settings) =>
                new PostgreSqlConnector(
                    settings,
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<PostgreSqlConnector>>()
                ),
            PostgreSqlSettings.Validate
        );
}
