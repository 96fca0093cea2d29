using Npgsql;

namespace Governance.EndToEnd.Tests.Running;

/// <summary>
/// A connection for somebody who looks again and again while servers fail: opened when it is needed, let go when anything went wrong. One for
/// each look costs the server many times what the look does.
/// </summary>
internal sealed class KeptConnection(string connectionString) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    /// <summary>Not for two at once. What fails is thrown on.</summary>
    public async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> use)
    {
        try
        {
            _connection ??= await TargetCluster.OpenAsync(connectionString);
            return await use(_connection);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}
