using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Governance.Targets.RabbitMq;

/// <summary>A connection to the broker that reads the queue of the privilege.</summary>
public sealed class BrokerSession(IConnection connection, IChannel channel) : ITargetSession
{
    public bool IsOpen => connection.IsOpen;

    public async Task<bool> WorksAsync()
    {
        try
        {
            await channel.BasicGetAsync(Broker.Queue, autoAck: true);
            return true;
        }
        catch (OperationInterruptedException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        await connection.DisposeAsync();
    }
}
