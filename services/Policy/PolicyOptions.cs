using System.ComponentModel.DataAnnotations;
using Governance.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Governance.Policy;

/// <summary>Section <c>Policy</c>.</summary>
public sealed class PolicyOptions
{
    /// <summary>Directory of the policies.</summary>
    /// <value>Required.</value>
    [Required(ErrorMessage = "Policy:BundleDirectory is missing: set the directory of the *.cedar files.")]
    [DirectoryPath("Policy:BundleDirectory")]
    public string BundleDirectory { get; set; } = "";

    /// <summary>Lifecycle's gRPC address, from which a dry run gets its facts.</summary>
    /// <value>Required, for example http://lifecycle:8081.</value>
    [Required(ErrorMessage = "Policy:LifecycleUrl is missing: set Lifecycle's gRPC address, for example http://lifecycle:8081.")]
    [HttpAddress("Policy:LifecycleUrl")]
    public string LifecycleUrl { get; set; } = "";

    /// <summary>Where the compiled engine is kept between starts; null means beside it.</summary>
    [DirectoryPath("Policy:EngineCacheDirectory")]
    public string? EngineCacheDirectory { get; set; }

    /// <summary>How often the directory is looked at: as often as the bundle is announced, where that is more often.</summary>
    /// <value>100 ms to 5 minutes; the default is 2 s.</value>
    public TimeSpan ReloadPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the bundle that is to be in force is announced again.</summary>
    /// <value>1 s to 10 minutes; the default is 10 s.</value>
    public TimeSpan AnnouncePeriod { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Written by hand: what is generated of attributes tells a bound without the setting's key.</summary>
internal sealed class PolicyPeriodsValidator : IValidateOptions<PolicyOptions>
{
    public ValidateOptionsResult Validate(string? name, PolicyOptions options)
    {
        List<string> errors = [];
        SettingBounds.Between(errors, "Policy:ReloadPeriod", options.ReloadPeriod, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        SettingBounds.Between(errors, "Policy:AnnouncePeriod", options.AnnouncePeriod, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}

[OptionsValidator]
internal sealed partial class PolicyOptionsValidator : IValidateOptions<PolicyOptions>;
