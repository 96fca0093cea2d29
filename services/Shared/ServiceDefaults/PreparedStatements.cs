using System.Collections;
using System.Reflection;
using Npgsql;

namespace Governance.ServiceDefaults;

/// <summary>Keeps Npgsql from using a statement again that it prepared by itself and of which the server then refused a value or an execution.</summary>
/// <remarks>
/// <para>
/// When PostgreSQL has taken Parse and refuses Bind, Npgsql (9 and 10) remembers the statement as prepared, but never heard what it returns. The
/// connection is in a known state, goes back to the pool, and whoever uses the statement next reads rows where Npgsql expects none: "unexpected
/// backend message" (npgsql/npgsql#6391). Nor can it be marked as Npgsql marks one whose plan changed: that may be put into a second slot, and a
/// batch that fails then leaves the first one in a state at which every later preparation on this connection fails.
/// </para>
/// <para>
/// So such a statement is taken from where it could be found, also one whose plan changed, and what the server still has under its name is left
/// in the slot for whoever takes that next to close. None of this is public; if a version of Npgsql lacks it, nothing is prepared by itself at all.
/// </para>
/// </remarks>
internal static class PreparedStatements
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    private static readonly PropertyInfo? Statement = typeof(NpgsqlBatchCommand).GetProperty("PreparedStatement", Members);
    private static readonly MethodInfo? Reset = typeof(NpgsqlBatchCommand).GetMethod("ResetPreparation", Members, []);
    private static readonly Type? StatementType = Statement?.PropertyType;
    private static readonly PropertyInfo? State = StatementType?.GetProperty("State", Members);
    private static readonly FieldInfo? Description = StatementType?.GetField("Description", Members);
    private static readonly FieldInfo? Name = StatementType?.GetField("Name", Members);
    private static readonly PropertyInfo? Sql = StatementType?.GetProperty("Sql", Members);
    private static readonly PropertyInfo? IsExplicit = StatementType?.GetProperty("IsExplicit", Members);
    private static readonly PropertyInfo? Slot = StatementType?.GetProperty("AutoPreparedSlotIndex", Members);
    private static readonly FieldInfo? Manager = StatementType?.GetField("_manager", Members);
    private static readonly PropertyInfo? BySql = Manager?.FieldType.GetProperty("BySql", Members);
    private static readonly PropertyInfo? Slots = Manager?.FieldType.GetProperty("AutoPrepared", Members);
    private static readonly ConstructorInfo? Create = Manager is null
        ? null
        : StatementType?.GetConstructor(Members, [Manager.FieldType, typeof(string), typeof(bool)]);

    private static readonly object? Prepared = StateOf("Prepared");
    private static readonly object? Invalidated = StateOf("Invalidated");
    private static readonly object? Unprepared = StateOf("Unprepared");
    private static readonly Lazy<bool> Watched = new(Watch);

    /// <summary>Watches from the first call on; false where that is not possible.</summary>
    public static bool AreSafe => Watched.Value;

    private static bool Watch()
    {
        object?[] needed =
        [
            Statement,
            Reset,
            State,
            Description,
            Name,
            Sql,
            IsExplicit,
            Slot,
            BySql,
            Slots,
            Create,
            Prepared,
            Invalidated,
            Unprepared,
        ];
        if (
            needed.Contains(null)
            || !typeof(IDictionary).IsAssignableFrom(BySql!.PropertyType)
            || !Slots!.PropertyType.IsArray
            || Sql!.PropertyType != typeof(string)
        )
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
            && IsExplicit!.GetValue(statement) is false
            && State!.GetValue(statement) is { } state
            && (state.Equals(Invalidated) || (state.Equals(Prepared) && Description!.GetValue(statement) is null))
        )
        {
            Retire(statement);
            Reset!.Invoke(command, null);
        }
    }

    private static void Retire(object statement)
    {
        var manager = Manager!.GetValue(statement)!;
        var sql = (string)Sql!.GetValue(statement)!;
        var bySql = (IDictionary)BySql!.GetValue(manager)!;
        if (ReferenceEquals(bySql[sql], statement))
        {
            bySql.Remove(sql);
        }

        var slots = (IList)Slots!.GetValue(manager)!;
        var slot = (int)Slot!.GetValue(statement)!;
        if (ReferenceEquals(slots[slot], statement))
        {
            var rest = Create!.Invoke([manager, sql, false]);
            Name!.SetValue(rest, Name.GetValue(statement));
            Slot.SetValue(rest, slot);
            State!.SetValue(rest, Invalidated);
            slots[slot] = rest;
        }

        State!.SetValue(statement, Unprepared);
    }

    private static object? StateOf(string name) =>
        State?.PropertyType is { IsEnum: true } states && Enum.TryParse(states, name, out var value) ? value : null;
}
