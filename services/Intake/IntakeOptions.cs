using System.ComponentModel.DataAnnotations;
using Governance.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Governance.Intake;

/// <summary>Section <c>Intake</c>.</summary>
internal sealed class IntakeOptions
{
    /// <summary>gRPC address of Lifecycle, which has the catalog.</summary>
    /// <value>For example <c>http://lifecycle:17121</c>; required.</value>
    [Required(ErrorMessage = "Intake:LifecycleUrl is missing: set the gRPC address of Lifecycle, for example http://127.0.0.1:17121.")]
    [HttpAddress("Intake:LifecycleUrl")]
    public string LifecycleUrl { get; set; } = "";

    /// <summary>Address of Lifecycle's HTTP API as clients see it; status links start with it.</summary>
    /// <value>The default is where a local installation has it: <c>http://127.0.0.1:17120</c>.</value>
    [Required(ErrorMessage = "Intake:PublicLifecycleUrl is empty: set the address of Lifecycle's HTTP API as clients see it.")]
    [HttpAddress("Intake:PublicLifecycleUrl", AllowsPath = true)]
    public string PublicLifecycleUrl { get; set; } = "http://127.0.0.1:17120";

    public string StatusUrl(Guid grantId) => $"{PublicLifecycleUrl.TrimEnd('/')}/v1/grants/{grantId}";
}

[OptionsValidator]
internal sealed partial class IntakeOptionsValidator : IValidateOptions<IntakeOptions>;
