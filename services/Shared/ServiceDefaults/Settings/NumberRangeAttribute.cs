using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Governance.ServiceDefaults;

/// <summary>
/// The setting is a number within bounds, both included. Unlike <see cref="RangeAttribute"/>, of which a generated validator keeps the
/// bounds and not the message, it is told in the words that are given here.
/// </summary>
/// <param name="least">The smallest.</param>
/// <param name="most">The largest.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NumberRangeAttribute(double least, double most) : ValidationAttribute
{
    /// <summary>The smallest.</summary>
    public double Least => least;

    /// <summary>The largest.</summary>
    public double Most => most;

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && number >= least && number <= most
            ? ValidationResult.Success
            : new ValidationResult(ErrorMessage);
}
