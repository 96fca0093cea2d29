using System.ComponentModel.DataAnnotations;
using Governance.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Governance.Lifecycle;

/// <summary>Section <c>Lifecycle</c>.</summary>
public sealed class LifecycleOptions
{
    /// <summary>Directory of the catalog's YAML files.</summary>
    /// <value>Required.</value>
    [Required(ErrorMessage = "Lifecycle:CatalogDirectory is missing: set the directory of the catalog's YAML files.")]
    [DirectoryPath("Lifecycle:CatalogDirectory")]
    public string CatalogDirectory { get; set; } = "";

    /// <summary>Kinds of targets that this installation's Issuance has connectors of its own for, beside the suite's.</summary>
    /// <value>None by default.</value>
    public IList<string> MoreTargetKinds { get; } = [];

    /// <summary>Where Issuance is, which keeps sealed credentials until they are handed out.</summary>
    /// <value>None by default: then no credential can be fetched.</value>
    public Uri? IssuanceUrl { get; set; }

    /// <summary>What this service proves itself with when it takes a sealed credential: the same as <c>Issuance:LifecycleSecret</c>. Secret.</summary>
    /// <value>Required with <see cref="IssuanceUrl"/>; at least 32 characters.</value>
    public string IssuanceSecret { get; set; } = "";

    /// <summary>The longest that any access may last, whatever policy and catalog say.</summary>
    /// <value>The default is 30 days.</value>
    [DurationRange("00:00:01", "366.00:00:00", ErrorMessage = "Lifecycle:MaxDuration must be between one second and 366 days.")]
    public TimeSpan MaxDuration { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The longest that emergency access may last, whatever policy and catalog say.</summary>
    /// <value>The default is four hours.</value>
    [DurationRange("00:00:01", "1.00:00:00", ErrorMessage = "Lifecycle:BreakGlassMaxDuration must be between one second and a day.")]
    public TimeSpan BreakGlassMaxDuration { get; set; } = TimeSpan.FromHours(4);

    /// <summary>
    /// By how much the clock that stamped a request may be ahead of the one that stamped an order of the kill switch: a request received up to
    /// so much after the order counts as made before it, and is denied.
    /// </summary>
    /// <value>The default is five seconds.</value>
    [DurationRange("00:00:00", "00:10:00", ErrorMessage = "Lifecycle:ClockTolerance must be between zero and ten minutes.")]
    public TimeSpan ClockTolerance { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many active grants a second are decided again when the bundle or the catalog has changed.</summary>
    /// <value>The default is 50.</value>
    [NumberRange(1, 10_000, ErrorMessage = "Lifecycle:SweepRate must be between 1 and 10,000 a second.")]
    public int SweepRate { get; set; } = 50;

    /// <summary>The share of active grants that a change of the bundle or the catalog may take away without an operator's word.</summary>
    /// <value>The default is 0.1.</value>
    [NumberRange(0.0, 1.0, ErrorMessage = "Lifecycle:SweepGuardShare must be between 0 and 1.")]
    public double SweepGuardShare { get; set; } = 0.1;

    /// <summary>So many may go without an operator's word, whatever their share is.</summary>
    /// <value>The default is 5.</value>
    [NumberRange(0, 1_000_000, ErrorMessage = "Lifecycle:SweepGuardCount must be between 0 and 1,000,000.")]
    public int SweepGuardCount { get; set; } = 5;

    /// <summary>The share of a part of the catalog (people, principals, entitlements, …) that a newer one may lack without an operator's word.</summary>
    /// <value>The default is 0.1.</value>
    [NumberRange(0.0, 1.0, ErrorMessage = "Lifecycle:CatalogShrinkShare must be between 0 and 1.")]
    public double CatalogShrinkShare { get; set; } = 0.1;

    /// <summary>So many of a part a newer catalog may lack without an operator's word, whatever their share is, as long as some are left.</summary>
    /// <value>The default is 5.</value>
    [NumberRange(0, 1_000_000, ErrorMessage = "Lifecycle:CatalogShrinkCount must be between 0 and 1,000,000.")]
    public int CatalogShrinkCount { get; set; } = 5;

    /// <summary>The share of all grants that are not over that an operator's order may end without confirming the number.</summary>
    /// <value>The default is 0.01.</value>
    [NumberRange(0.0, 1.0, ErrorMessage = "Lifecycle:RevocationGuardShare must be between 0 and 1.")]
    public double RevocationGuardShare { get; set; } = 0.01;

    /// <summary>So many an operator's order may end without confirming the number, whatever their share is.</summary>
    /// <value>The default is 10.</value>
    [NumberRange(0, 1_000_000, ErrorMessage = "Lifecycle:RevocationGuardCount must be between 0 and 1,000,000.")]
    public int RevocationGuardCount { get; set; } = 10;

    /// <summary>How many grants of operators' orders are ended at the same time.</summary>
    /// <value>The default is 8.</value>
    [NumberRange(1, 64, ErrorMessage = "Lifecycle:RevocationConcurrency must be between 1 and 64.")]
    public int RevocationConcurrency { get; set; } = 8;

    /// <summary>Objective: 99 of 100 grants are effective, read back, so soon after the permit.</summary>
    /// <value>The default is 5 s.</value>
    [DurationRange(
        "00:00:00.001",
        "1.00:00:00",
        ErrorMessage = "Lifecycle:SloDecisionToEffective must be between one millisecond and a day."
    )]
    public TimeSpan SloDecisionToEffective { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Objective: 99 of 100 grants whose time is over are gone, read back, so soon after their end.</summary>
    /// <value>The default is 2 s.</value>
    [DurationRange("00:00:00.001", "1.00:00:00", ErrorMessage = "Lifecycle:SloExpiryToGone must be between one millisecond and a day.")]
    public TimeSpan SloExpiryToGone { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Objective: 99 of 100 grants that are revoked are gone, read back, so soon after it was recorded.</summary>
    /// <value>The default is 2 s.</value>
    [DurationRange("00:00:00.001", "1.00:00:00", ErrorMessage = "Lifecycle:SloRevokeToGone must be between one millisecond and a day.")]
    public TimeSpan SloRevokeToGone { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Objective: 99 of 100 grants that are suspended are gone, read back, so soon after it was recorded.</summary>
    /// <value>The default is 2 s.</value>
    [DurationRange("00:00:00.001", "1.00:00:00", ErrorMessage = "Lifecycle:SloSuspendToGone must be between one millisecond and a day.")]
    public TimeSpan SloSuspendToGone { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long approvers have.</summary>
    /// <value>The default is 24 hours.</value>
    [DurationRange("00:00:01", "30.00:00:00", ErrorMessage = "Lifecycle:ApprovalWindow must be between one second and 30 days.")]
    public TimeSpan ApprovalWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a target may take to give access before the grant is given up; a target of the catalog may have its own.</summary>
    /// <value>The default is 15 minutes.</value>
    [DurationRange("00:00:01", "1.00:00:00", ErrorMessage = "Lifecycle:ActivationBudget must be between one second and a day.")]
    public TimeSpan ActivationBudget { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long before its end access can be renewed, at most: never in the first half of its time.</summary>
    /// <value>The default is seven days.</value>
    [DurationRange("00:00:01", "366.00:00:00", ErrorMessage = "Lifecycle:RenewalWindow must be between one second and 366 days.")]
    public TimeSpan RenewalWindow { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How old an evaluation may be when it is recorded.</summary>
    /// <value>The default is 60 s.</value>
    [DurationRange("00:00:01", "00:10:00", ErrorMessage = "Lifecycle:EvaluationMaxAge must be between one second and ten minutes.")]
    public TimeSpan EvaluationMaxAge { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often grants that wait too long are looked for.</summary>
    /// <value>The default is one minute.</value>
    [DurationRange("00:00:00.500", "00:10:00", ErrorMessage = "Lifecycle:RedrivePeriod must be between half a second and ten minutes.")]
    public TimeSpan RedrivePeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a grant may wait for an answer before it is asked for again.</summary>
    /// <value>The default is 30 s.</value>
    [DurationRange("00:00:01", "01:00:00", ErrorMessage = "Lifecycle:RedriveAfter must be between one second and an hour.")]
    public TimeSpan RedriveAfter { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>How Issuance is reached, as far as more than one setting says it.</summary>
internal sealed class IssuanceConnectionValidator : IValidateOptions<LifecycleOptions>
{
    private const int MinSecretLength = 32;

    public ValidateOptionsResult Validate(string? name, LifecycleOptions options)
    {
        List<string> errors = [];
        if (
            options.IssuanceUrl is { } url
            && HttpAddressAttribute.FaultOf("Lifecycle:IssuanceUrl", url.OriginalString, allowsPath: false) is { } fault
        )
        {
            errors.Add(fault);
        }

        if (options.IssuanceUrl is not null && options.IssuanceSecret.Length < MinSecretLength)
        {
            errors.Add(
                $"Lifecycle:IssuanceSecret is missing or short: with Lifecycle:IssuanceUrl set at least {MinSecretLength} random characters, the same as Issuance:LifecycleSecret (the value is not shown)."
            );
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}

[OptionsValidator]
internal sealed partial class LifecycleOptionsValidator : IValidateOptions<LifecycleOptions>;
