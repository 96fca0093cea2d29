using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Governance.Policy;

/// <summary>Section <c>Policy</c>.</summary>
public sealed class PolicyOptions
{
    /// <summary>Directory of the policies.</summary>
    /// <value>Required.</value>
    [Required(ErrorMessage = "Policy:BundleDirectory is missing: set the directory of the *.cedar files.")]
    public string BundleDirectory { get; set; } = "";

    /// <summary>Lifecycle's gRPC address, from which a dry run gets its facts.</summary>
    /// <value>Required, for example http://lifecycle:8081.</value>
    [Required(ErrorMessage = "Policy:LifecycleUrl is missing: set Lifecycle's gRPC address.")]
    [Url(ErrorMessage = "Policy:LifecycleUrl must be an http or https address.")]
    public string LifecycleUrl { get; set; } = "";

    /// <summary>Where the compiled engine is kept between starts; null means beside it.</summary>
    public string? EngineCacheDirectory { get; set; }

    /// <summary>How often the directory is looked at.</summary>
    /// <value>The default is 2 s.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00", ErrorMessage = "Policy:ReloadPeriod must be between 100 ms and five minutes.")]
    public TimeSpan ReloadPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the bundle that is to be in force is announced again.</summary>
    /// <value>The default is 10 s.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Policy:AnnouncePeriod must be between one second and ten minutes.")]
    public TimeSpan AnnouncePeriod { get; set; } = TimeSpan.FromSeconds(10);
}

[OptionsValidator]
internal sealed partial class PolicyOptionsValidator : IValidateOptions<PolicyOptions>;
