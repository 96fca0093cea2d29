using System.Text.Json.Nodes;
using Governance.Testing;
using Npgsql;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>What a recipient found in a sealed credential for a login of its own.</summary>
internal sealed record LoginCredential(string Username, string Password, string Database)
{
    public static LoginCredential Open(CredentialRecipient recipient, Answer answer)
    {
        var credential = recipient.Open(answer.Text("credential")!);
        return new LoginCredential(Text(credential, "username"), Text(credential, "password"), Text(credential, "database"));
    }

    /// <summary>A new session; null when the server does not take the login.</summary>
    public async Task<NpgsqlConnection?> LogInAsync(TargetCluster target)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(target.Orders)
            {
                Username = Username,
                Password = Password,
                Database = Database,
                Pooling = false,
            }.ConnectionString
        );
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch (PostgresException e)
            when (e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            await connection.DisposeAsync();
            return null;
        }
    }

    public async Task<bool> LogsInAsync(TargetCluster target)
    {
        await using var connection = await LogInAsync(target);
        return connection is not null;
    }

    private static string Text(JsonNode credential, string member) => credential[member]!.GetValue<string>();
}
