using Npgsql;

namespace Governance.Issuance;

/// <summary>Parameters by their place, as the statements beside the stores have them.</summary>
internal static class CommandParameters
{
    public static void Add(NpgsqlCommand command, params object[] values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        }
    }
}
