using System.Collections;

namespace Governance.Intake.Amqp;

/// <summary>
/// All properties of a message share one frame, and a frame that is too long ends the connection: a message with headers near the bound
/// could be received but never passed on with ours added, and would come again for ever.
/// </summary>
internal static class HeaderSize
{
    private const int Bound = 64 * 1024;

    public static bool IsWithinBounds(IDictionary<string, object?>? headers) => headers is null || Of(headers) <= Bound;

    // Roughly as encoded; rounded up.
    private static long Of(object? value) =>
        value switch
        {
            null => 1,
            byte[] bytes => bytes.Length + 5,
            string text => (text.Length * 3L) + 5,
            IDictionary<string, object?> table => table.Sum(e => (e.Key.Length * 3L) + 1 + Of(e.Value)) + 5,
            IEnumerable items => items.Cast<object?>().Sum(Of) + 5,
            _ => 16,
        };
}
