using System.Text.Json;

namespace Governance.Connectors.Http;

/// <summary>An answer has another form than its protocol asks for, and it can be said in which way.</summary>
/// <param name="message">What is wrong, in words of ours: nothing that the target sent.</param>
internal sealed class WrongFormException(string message) : JsonException(message);
