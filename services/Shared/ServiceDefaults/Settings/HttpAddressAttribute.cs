using System.ComponentModel.DataAnnotations;

namespace Governance.ServiceDefaults;

/// <summary>The setting is the address of another service, or of this one as others see it. A missing one is left to <see cref="RequiredAttribute"/>.</summary>
/// <param name="key">The setting, for example <c>Policy:LifecycleUrl</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HttpAddressAttribute(string key) : ValidationAttribute
{
    /// <summary>The setting.</summary>
    public string Key => key;

    /// <summary>Whether it may have a path. gRPC, and what is asked for by an absolute path, would leave it out.</summary>
    public bool AllowsPath { get; set; }

    /// <summary>What is wrong with an address, without repeating it: it could hold a password. Null if nothing is.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="value">The address.</param>
    /// <param name="allowsPath">Whether it may have a path.</param>
    public static string? FaultOf(string key, string value, bool allowsPath)
    {
        var form = allowsPath ? "http://HOST:PORT/PATH or https://HOST:PORT/PATH" : "http://HOST:PORT or https://HOST:PORT";
        if (
            !Uri.TryCreate(value, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https")
            || address.Host.Length == 0
        )
        {
            return $"{key} is no address: it must be {form} (the value is not shown).";
        }

        return address.UserInfo.Length > 0 ? $"{key} has a user or a password, which would not be used: it must be {form}."
            : address.Query.Length + address.Fragment.Length > 0 || value.EndsWith('?') || value.EndsWith('#')
                ? $"{key} has a query or a fragment, which would not be used: it must be {form}."
            : !allowsPath && address.AbsolutePath != "/" ? $"{key} has a path, which would not be used: it must be {form}."
            : address.Port == 0 ? $"{key} has the port 0, on which nobody listens: it must be {form}."
            : null;
    }

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value?.ToString() is { Length: > 0 } text && FaultOf(key, text, AllowsPath) is { } fault
            ? new ValidationResult(fault)
            : ValidationResult.Success;
}
