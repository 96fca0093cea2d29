using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Governance.ServiceDefaults;

/// <summary>The service's own database. Section <c>ConnectionStrings</c>.</summary>
public sealed class ConnectionOptions
{
    /// <summary>Npgsql connection string. Must be session-mode (LISTEN does not pass a transaction pooler).</summary>
    /// <value>Required; there is no default.</value>
    [Required(ErrorMessage = "ConnectionStrings:Database is missing: set the connection string of the service's own PostgreSQL database.")]
    public string Database { get; set; } = "";
}

[OptionsValidator]
internal sealed partial class ConnectionOptionsValidator : IValidateOptions<ConnectionOptions>;
