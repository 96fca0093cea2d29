namespace Governance.Cedar;

/// <summary>The engine refused to read its argument. In JavaScript this is a thrown error, not a trap, and it is about the caller's input.</summary>
internal sealed class CallRefusedException : Exception
{
    public CallRefusedException() { }

    public CallRefusedException(string message)
        : base(message) { }

    public CallRefusedException(string message, Exception? innerException)
        : base(message, innerException) { }
}
