using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Governance.ServiceDefaults;

/// <summary>
/// Finds the keys of a section that are no setting: most are a setting misspelt, whose default would be in force without a word. The binder
/// could refuse them too, but only the first, and without saying which was meant.
/// </summary>
/// <param name="configuration">The whole configuration.</param>
/// <param name="section">The section of these options.</param>
/// <typeparam name="T">The options.</typeparam>
internal sealed class UnknownSettings<T>(IConfiguration configuration, string section) : IValidateOptions<T>
    where T : class
{
    public ValidateOptionsResult Validate(string? name, T options) =>
        UnknownSettings.Of(typeof(T), configuration.GetSection(section)).ToList() is { Count: > 0 } errors
            ? ValidateOptionsResult.Fail(errors)
            : ValidateOptionsResult.Success;
}

/// <summary>Finds sections that are misspelt; once a service, with the options that every service has.</summary>
internal sealed class SectionsValidator(IConfiguration configuration, IEnumerable<OwnSection> own) : IValidateOptions<GovernanceOptions>
{
    public ValidateOptionsResult Validate(string? name, GovernanceOptions options) =>
        UnknownSettings.Sections(configuration, [.. own.Select(s => s.Name)]).ToList() is { Count: > 0 } errors
            ? ValidateOptionsResult.Fail(errors)
            : ValidateOptionsResult.Success;
}

internal static class UnknownSettings
{
    /// <summary>Every key below a section that nothing reads, with what may have been meant. Never a value: it could be a secret.</summary>
    public static IEnumerable<string> Of(Type type, IConfigurationSection section)
    {
        if (ItemOf(type) is { } item)
        {
            return section.GetChildren().SelectMany(child => Of(item, child));
        }

        var known = IsText(type) ? [] : SettingsOf(type);
        return section
            .GetChildren()
            .SelectMany(child =>
                known.FirstOrDefault(s => string.Equals(s.Name, child.Key, StringComparison.OrdinalIgnoreCase)) is { } setting
                    ? Of(setting.PropertyType, child)
                    : [Unknown(section, child, [.. known.Select(s => s.Name)])]
            );
    }

    /// <summary>Sections that are misspelt, among all that there are: others' are none of ours, and are left alone.</summary>
    public static IEnumerable<string> Sections(IConfiguration configuration, IReadOnlyCollection<string> own) =>
        configuration
            .GetChildren()
            .Where(s => s.Value is null && !own.Contains(s.Key, StringComparer.OrdinalIgnoreCase))
            .Select(s => (s.Key, Meant: Suggestions.For(s.Key, own)))
            .Where(s => s.Meant.Length > 0)
            .Select(s => $"{s.Key} is no section of this service{s.Meant}");

    private static string Unknown(IConfigurationSection section, IConfigurationSection child, IReadOnlyList<string> known)
    {
        var meant = Suggestions.For(child.Key, known);
        return $"{child.Path} is no setting"
            + (
                meant.Length > 0 ? meant
                : known.Count > 0 ? $": {section.Path} has {string.Join(", ", known)}."
                : $": {section.Path} is one value."
            );
    }

    private static List<PropertyInfo> SettingsOf(Type type) =>
        [
            .. type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
                .Where(p => p.GetIndexParameters().Length == 0 && (p.SetMethod?.IsPublic == true || ItemOf(p.PropertyType) is not null)),
        ];

    // What each item of a list, or each value of a map, is; null for anything else.
    private static Type? ItemOf(Type type) =>
        IsText(type) || !typeof(IEnumerable).IsAssignableFrom(type) ? null
        : type.IsArray ? type.GetElementType()
        : type.GetGenericArguments() is { Length: > 0 } arguments ? arguments[^1]
        : typeof(string);

    private static bool IsText(Type type) => TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string));
}
