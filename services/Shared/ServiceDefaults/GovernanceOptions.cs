using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Governance.ServiceDefaults;

/// <summary>What every service of an installation shares. Section <c>Governance</c>.</summary>
public sealed class GovernanceOptions
{
    /// <summary>Name of the installation, stamped on evidence and decision messages.</summary>
    /// <value>Lower-case letters, digits and hyphens, at most 63; the default is <c>local</c>.</value>
    [Required(ErrorMessage = "Governance:Tenant is empty: set the name of the installation, or leave it out for 'local'.")]
    [RegularExpression(
        "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        ErrorMessage = "Governance:Tenant must be lower-case letters, digits and hyphens, at most 63."
    )]
    public string Tenant { get; set; } = "local";

    /// <summary>
    /// The share of traces that are recorded where nobody before has decided: a caller's decision, and <c>OTEL_TRACES_SAMPLER</c>, go before.
    /// </summary>
    /// <value>The default is 0.1.</value>
    [NumberRange(0.0, 1.0, ErrorMessage = "Governance:TraceShare must be between 0 and 1.")]
    public double TraceShare { get; set; } = 0.1;

    /// <summary>
    /// By how much a clock may differ before that alerts. A time that is told counts between asking and hearing only, however small the
    /// difference.
    /// </summary>
    /// <value>The default is two seconds.</value>
    [DurationRange(
        "00:00:00.010",
        "00:10:00",
        ErrorMessage = "Governance:ClockSkewBound must be between ten milliseconds and ten minutes."
    )]
    public TimeSpan ClockSkewBound { get; set; } = TimeSpan.FromSeconds(2);
}

[OptionsValidator]
internal sealed partial class GovernanceOptionsValidator : IValidateOptions<GovernanceOptions>;
