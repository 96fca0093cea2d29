namespace Governance.Cedar;

/// <summary>
/// The engine itself failed: it trapped, ran out of memory, or answered something that is no answer. It says nothing about the policies or
/// the request; whoever decides must treat it as a denial. The instance it happened in is not used again.
/// </summary>
public sealed class CedarEngineException : Exception
{
    /// <summary>Creates it with a fixed text.</summary>
    public CedarEngineException()
        : this("The Cedar engine failed.") { }

    /// <summary>Creates it with what happened.</summary>
    public CedarEngineException(string message)
        : base(message) { }

    /// <summary>Creates it with what happened and why.</summary>
    public CedarEngineException(string message, Exception? innerException)
        : base(message, innerException) { }
}
