using RabbitMQ.Client;

namespace Governance.Intake.Tests.Running;

internal sealed class RawChannel(IConnection connection, IChannel channel) : IAsyncDisposable
{
    public IChannel Channel => channel;

    public static async Task<RawChannel> OpenAsync(string url)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(url) }.CreateConnectionAsync();
        return new RawChannel(connection, await connection.CreateChannelAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        await connection.DisposeAsync();
    }
}
