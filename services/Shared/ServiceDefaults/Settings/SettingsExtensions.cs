using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Governance.ServiceDefaults;

/// <summary>Registers sections of the configuration that are the suite's own.</summary>
public static class SettingsExtensions
{
    /// <summary>Binds a section, which is validated at start: also for keys that are no setting, which else would be passed over.</summary>
    /// <param name="services">The service's.</param>
    /// <param name="section">The section, for example <c>Policy</c>.</param>
    /// <typeparam name="T">The options.</typeparam>
    public static OptionsBuilder<T> AddSettings<T>(this IServiceCollection services, string section)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton(new OwnSection(section));
        services.AddSingleton<IValidateOptions<T>>(s => new UnknownSettings<T>(s.GetRequiredService<IConfiguration>(), section));
        return services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
    }
}

/// <summary>A section that the service reads.</summary>
/// <param name="Name">Its name.</param>
internal sealed record OwnSection(string Name);
