using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Governance.ServiceDefaults;

/// <summary>
/// The setting is a duration within bounds, both included. Unlike <see cref="RangeAttribute"/>, of which a generated validator keeps the
/// bounds and not the message, it is told in the words that are given here.
/// </summary>
/// <param name="least">The shortest.</param>
/// <param name="most">The longest.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationRangeAttribute(string least, string most) : ValidationAttribute
{
    /// <summary>The shortest.</summary>
    public string Least => least;

    /// <summary>The longest.</summary>
    public string Most => most;

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is TimeSpan duration
        && duration >= TimeSpan.Parse(least, CultureInfo.InvariantCulture)
        && duration <= TimeSpan.Parse(most, CultureInfo.InvariantCulture)
            ? ValidationResult.Success
            : new ValidationResult(ErrorMessage);
}
