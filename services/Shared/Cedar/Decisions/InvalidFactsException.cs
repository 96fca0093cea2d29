namespace Governance.Cedar.Decisions;

/// <summary>The facts are incomplete or contradict themselves. Becomes a Forbid; never leaves the decision engine.</summary>
internal sealed class InvalidFactsException : Exception
{
    public InvalidFactsException() { }

    public InvalidFactsException(string message)
        : base(message) { }

    public InvalidFactsException(string message, Exception? innerException)
        : base(message, innerException) { }
}
