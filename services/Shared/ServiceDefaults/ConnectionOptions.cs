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

/// <summary>What of the connection string can't work; it is never shown, since it holds the password.</summary>
internal sealed class ConnectionStringValidator : IValidateOptions<ConnectionOptions>
{
    private const string Key = "ConnectionStrings:Database";

    public ValidateOptionsResult Validate(string? name, ConnectionOptions options)
    {
        if (options.Database.Length == 0)
        {
            return ValidateOptionsResult.Skip;
        }

        if (DatabaseConnections.Read(options.Database) is not { } read)
        {
            return ValidateOptionsResult.Fail(
                $"{Key} can't be read: set Host=HOST;Port=5432;Database=NAME;Username=USER;Password=PASSWORD (the value is not shown)."
            );
        }

        List<string> errors = [];
        if (string.IsNullOrWhiteSpace(read.Host))
        {
            errors.Add($"{Key} lacks Host: set the name or address of the PostgreSQL server.");
        }

        if (read.Port is < 1 or > 65535)
        {
            errors.Add($"{Key} has a Port that must be from 1 to 65535.");
        }

        if (read.Multiplexing)
        {
            errors.Add($"{Key} has Multiplexing, in which no session can wait for notifications: leave it out.");
        }

        if (read.TargetSessionAttributes is { } wanted && wanted.Trim().ToUpperInvariant() is "STANDBY" or "READ-ONLY" or "PREFER-STANDBY")
        {
            errors.Add($"{Key} has Target Session Attributes that ask for a server which takes no writes: set primary, read-write or any.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}

[OptionsValidator]
internal sealed partial class ConnectionOptionsValidator : IValidateOptions<ConnectionOptions>;
