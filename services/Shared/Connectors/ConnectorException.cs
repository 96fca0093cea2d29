namespace Governance.Connectors;

/// <summary>Something went wrong at a target. Neither the message nor an inner exception holds a secret or an address.</summary>
public sealed class ConnectorException : Exception
{
    /// <param name="code">One of <see cref="ConnectorErrors"/>.</param>
    /// <param name="message">What happened, for people, without secrets and addresses.</param>
    /// <param name="mayHaveHappened">See <see cref="MayHaveHappened"/>.</param>
    /// <param name="isTransient">See <see cref="IsTransient"/>.</param>
    public ConnectorException(string code, string message, bool mayHaveHappened = false, bool isTransient = false)
        : base(message)
    {
        Code = code;
        MayHaveHappened = mayHaveHappened;
        IsTransient = isTransient;
    }

    /// <summary>Machine-readable cause: one of <see cref="ConnectorErrors"/>.</summary>
    public string Code { get; }

    /// <summary>
    /// The change was sent and its outcome is unknown: it may still take effect until the attempt's hard end. When false, the target has
    /// said that nothing changed, or nothing was sent.
    /// </summary>
    public bool MayHaveHappened { get; }

    /// <summary>Trying again at once may help.</summary>
    public bool IsTransient { get; }

    internal static ConnectorException DeadlinePassed() =>
        new(ConnectorErrors.Timeout, "The attempt's time was over before the target was asked.");
}
