using System.ComponentModel.DataAnnotations;

namespace Governance.ServiceDefaults;

/// <summary>
/// The setting is a directory that is read while the service runs. One that is not there yet may still come, which readiness tells; what
/// can never be one is refused. A missing one is left to <see cref="RequiredAttribute"/>.
/// </summary>
/// <param name="key">The setting, for example <c>Policy:BundleDirectory</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DirectoryPathAttribute(string key) : ValidationAttribute
{
    /// <summary>The setting.</summary>
    public string Key => key;

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is not string { Length: > 0 } path ? ValidationResult.Success
        : path.Contains('\0', StringComparison.Ordinal) ? new ValidationResult($"{key} has a NUL character: set the path of a directory.")
        : File.Exists(path) ? new ValidationResult($"{key} is a file: set the directory that it is in.")
        : ValidationResult.Success;
}
