namespace Governance.Testing;

/// <summary>No servers can be started here. The message says why and what to install.</summary>
public sealed class ServersUnavailableException : Exception
{
    /// <inheritdoc />
    public ServersUnavailableException(string message)
        : base(message) { }

    /// <inheritdoc />
    public ServersUnavailableException(string message, Exception innerException)
        : base(message, innerException) { }

    /// <inheritdoc />
    public ServersUnavailableException() { }
}
