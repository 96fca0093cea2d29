using System.ComponentModel.DataAnnotations;
using Governance.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Governance.Messaging;

/// <summary>The broker. Section <c>Bus</c>.</summary>
public sealed class BusOptions
{
    /// <summary>Address with user, password and virtual host.</summary>
    /// <value>For example <c>amqp://user:password@host:5672/governance</c>; required.</value>
    [Required(ErrorMessage = "Bus:Url is missing: set amqp://user:password@host:port/vhost.")]
    public string Url { get; set; } = "";

    /// <summary>Messages that an endpoint holds at once.</summary>
    /// <value>The default is 16: as fast as more, and quicker for each message.</value>
    [NumberRange(1, 256, ErrorMessage = "Bus:Prefetch must be between 1 and 256; leave it out for 16.")]
    public int Prefetch { get; set; } = 16;
}

/// <summary>What of the address can't work; it is never shown, since it holds the password.</summary>
internal sealed class BusUrlValidator : IValidateOptions<BusOptions>
{
    private const string Form = "it must be amqp://USER:PASSWORD@HOST:PORT/VHOST or amqps://… (the value is not shown)";

    public ValidateOptionsResult Validate(string? name, BusOptions options) =>
        options.Url.Length == 0 ? ValidateOptionsResult.Skip
        : !Uri.TryCreate(options.Url, UriKind.Absolute, out var url) || url.Scheme is not ("amqp" or "amqps") || url.Host.Length == 0
            ? ValidateOptionsResult.Fail($"Bus:Url is no address of a broker: {Form}.")
        : url.AbsolutePath.TrimEnd('/').Count(c => c == '/') > 1
            ? ValidateOptionsResult.Fail(
                $"Bus:Url has more than one name after its host; a '/' in the virtual host is written %2F: {Form}."
            )
        : ValidateOptionsResult.Success;
}

[OptionsValidator]
internal sealed partial class BusOptionsValidator : IValidateOptions<BusOptions>;
