using NUnit.Framework;

namespace Governance.Deploy.Tests;

public class When_ports_are_published
{
    [Test]
    public async Task Should_publish_each_service_where_it_listens_locally()
    {
        foreach (var (service, variables) in await LocalPlan.ServicesAsync())
        {
            var listening = variables
                .Where(variable => variable.Key.StartsWith("Kestrel__Endpoints__", StringComparison.Ordinal))
                .Where(variable => variable.Key.EndsWith("__Url", StringComparison.Ordinal))
                .Select(variable => new Uri(variable.Value).Port);

            Assert.That(
                ComposeFile.Services[service].Ports,
                Is.EquivalentTo(listening.Select(port => $"127.0.0.1:{port}:{port}")),
                service
            );
        }
    }

    [Test]
    public async Task Should_publish_the_servers_where_they_listen_locally()
    {
        var ports = await LocalPlan.ServerPortsAsync();

        Assert.That(ComposeFile.Services["postgres"].Ports, Is.EqualTo(new[] { $"127.0.0.1:{ports["postgres_port"]}:5432" }));
        Assert.That(ComposeFile.Services["target"].Ports, Is.EqualTo(new[] { $"127.0.0.1:{ports["target_port"]}:5432" }));
        Assert.That(
            ComposeFile.Services["rabbitmq"].Ports,
            Is.EquivalentTo(new[] { $"127.0.0.1:{ports["amqp_port"]}:5672", $"127.0.0.1:{ports["management_port"]}:15672" })
        );
    }

    [Test]
    public async Task Should_give_no_port_twice()
    {
        var services = await LocalPlan.ServicesAsync();
        var ports = services
            .Values.SelectMany(variables => variables)
            .Where(variable => variable.Key.StartsWith("Kestrel__Endpoints__", StringComparison.Ordinal))
            .Where(variable => variable.Key.EndsWith("__Url", StringComparison.Ordinal))
            .Select(variable => variable.Value.Split(':')[^1])
            .Concat((await LocalPlan.ServerPortsAsync()).Values);

        Assert.That(ports, Is.Unique);
    }
}
