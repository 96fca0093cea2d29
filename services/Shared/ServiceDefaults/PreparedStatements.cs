using System.Reflection;
using Npgsql;

namespace Governance.ServiceDefaults;

/// <summary>
/// Keeps Npgsql from using a statement that it prepared by itself when the server refused a value for it at that very moment.
/// </summary>
/// <remarks>
/// PostgreSQL has then taken Parse and refused Bind. Npgsql (9 and 10) remembers the statement as prepared, but never heard what it returns. The
/// connection is in a known state, goes back to the pool, and whoever uses the statement next reads rows where Npgsql expects none: "unexpected
/// backend message" (npgsql/npgsql#6391). Here such a statement is marked as Npgsql marks one whose plan changed, so that it is prepared anew. Its
/// marks are not public; if a version of Npgsql lacks them, nothing is prepared by itself at all.
/// </remarks>
internal static class PreparedStatements
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    private static readonly PropertyInfo? Statement = typeof(NpgsqlBatchCommand).GetProperty("PreparedStatement", Members);
    private static readonly MethodInfo? Reset = typeof(NpgsqlBatchCommand).GetMethod("ResetPreparation", Members, []);
    private static readonly PropertyInfo? State = Statement?.PropertyType.GetProperty("State", Members);
    private static readonly FieldInfo? Description = Statement?.PropertyType.GetField("Description", Members);
    private static readonly object? Prepared = StateOf("Prepared");
    private static readonly object? Invalidated = StateOf("Invalidated");
    private static readonly Lazy<bool> Watched = new(Watch);

    /// <summary>Watches from the first call on; false where that is not possible.</summary>
    public static bool AreSafe => Watched.Value;

    private static bool Watch()
    {
        if (Statement is null || Reset is null || State is null || Description is null || Prepared is null || Invalidated is null)
        {
            return false;
        }

        // Npgsql has no hook for a failed command; the exception passes here before whoever may use the connection next sees it.
        AppDomain.CurrentDomain.FirstChanceException += (_, e) =>
        {
            if (e.Exception is PostgresException { BatchCommand: { } command })
            {
                Forget(command);
            }
        };
        return true;
    }

    private static void Forget(NpgsqlBatchCommand command)
    {
        if (
            Statement!.GetValue(command) is { } statement
            && Prepared!.Equals(State!.GetValue(statement))
            && Description!.GetValue(statement) is null
        )
        {
            State.SetValue(statement, Invalidated);
            Reset!.Invoke(command, null);
        }
    }

    private static object? StateOf(string name) =>
        State?.PropertyType is { IsEnum: true } states && Enum.TryParse(states, name, out var value) ? value : null;
}
