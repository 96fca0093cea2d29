using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Governance.Messaging;

/// <summary>The broker. Section <c>Bus</c>.</summary>
public sealed class BusOptions
{
    /// <summary>Address with user, password and virtual host.</summary>
    /// <value>For example <c>amqp://user:password@host:5672/governance</c>; required.</value>
    [Required(ErrorMessage = "Bus:Url is missing: set amqp://user:password@host:port/vhost.")]
    [RegularExpression("^amqps?://.+", ErrorMessage = "Bus:Url must start with amqp:// or amqps://.")]
    public string Url { get; set; } = "";

    /// <summary>Messages that an endpoint holds at once.</summary>
    /// <value>The default is 16: as fast as more, and quicker for each message.</value>
    [Range(1, 256)]
    public int Prefetch { get; set; } = 16;
}

[OptionsValidator]
internal sealed partial class BusOptionsValidator : IValidateOptions<BusOptions>;
