using Microsoft.Extensions.DependencyInjection;

namespace Governance.Connectors.Tests.Http;

internal static class Registrations
{
    public static ConnectorRegistration Of(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        add(services);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<ConnectorRegistration>();
    }
}
