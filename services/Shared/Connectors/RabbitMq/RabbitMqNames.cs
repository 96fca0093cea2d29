using System.Text;

namespace Governance.Connectors.RabbitMq;

internal static class RabbitMqNames
{
    // What AMQP 0-9-1 can say: a short string.
    private const int MaxBytes = 255;

    // A lone surrogate would be replaced on its way, and name somebody else.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether the management API can be asked for a user or a virtual host of this name.</summary>
    // The server drops the segments "." and ".." even when they are percent-encoded, and would then do something else.
    public static bool CanBeAsked(string name) =>
        name is not ("" or "." or "..") && name.Length <= MaxBytes && !name.Any(char.IsControl) && IsText(name, MaxBytes);

    public static bool IsText(string text, int maxBytes)
    {
        try
        {
            return Strict.GetByteCount(text) <= maxBytes;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
