namespace Governance.Connectors;

/// <summary>What a connector has to know of a holding and can't keep at the target, such as the ids of those whom names stood for.</summary>
/// <remarks>It stays until the access was read back as gone after a removal, and is empty where the holding begins anew after that.</remarks>
public abstract class HoldingMemory
{
    private volatile string? _text;

    /// <param name="text">What is remembered; null for nothing.</param>
    protected HoldingMemory(string? text) => _text = text;

    /// <summary>What is remembered; null for nothing.</summary>
    public string? Text => _text;

    /// <summary>Remembers durably, in place of what was remembered: once it has returned, the change that needs it may be sent.</summary>
    /// <param name="text">What to remember. It holds no secret.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConnectorException">The attempt's time is over: nothing may be changed any more.</exception>
    public async Task KeepAsync(string text, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        if (text == _text)
        {
            return;
        }

        await StoreAsync(text, cancellationToken);
        _text = text;
    }

    /// <summary>Stores it.</summary>
    /// <param name="text">What to remember.</param>
    /// <param name="cancellationToken">Gives up.</param>
    protected abstract Task StoreAsync(string text, CancellationToken cancellationToken);
}
