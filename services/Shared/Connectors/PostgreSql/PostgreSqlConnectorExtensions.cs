using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Governance.Connectors.PostgreSql;

/// <summary>Registers the kinds <c>postgresql</c> and <c>postgresql-login</c>.</summary>
public static class PostgreSqlConnectorExtensions
{
    /// <summary>Adds PostgreSQL targets with memberships of existing roles.</summary>
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

    /// <summary>Adds PostgreSQL targets with a login role for each grant.</summary>
    public static IServiceCollection AddPostgreSqlLoginConnector(this IServiceCollection services) =>
        services.AddConnector(
            PostgreSqlLoginConnector.KindName,
            (provider, settings) =>
                new PostgreSqlLoginConnector(
                    settings,
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<PostgreSqlLoginConnector>>()
                ),
            PostgreSqlSettings.ValidatePerGrant
        );
}
