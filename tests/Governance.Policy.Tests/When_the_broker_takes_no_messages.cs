using System.Text.Json.Nodes;
using Governance.Policy.Tests.Running;
using Governance.Testing;

namespace Governance.Policy.Tests;

[NonParallelizable]
public sealed class When_the_broker_takes_no_messages
{
    private World _world = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        await _world.Policy.ReadyAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_say_so_and_speak_of_no_other_bundle_than_there_is()
    {
        await _world.Peer.AnnouncedAsync(1);
        await SuiteServers.Current.AlarmBrokerAsync(on: true);
        try
        {
            await Eventually.Until(
                () => CheckAsync("broker"),
                Does.StartWith("degraded: The broker takes no messages: ").And.Contains("memory"),
                TimeSpan.FromSeconds(30)
            );
            await Eventually.Until(
                () => CheckAsync("bundle"),
                Does.StartWith("degraded: The bundle in force could not be announced again;"),
                TimeSpan.FromSeconds(60)
            );

            await File.WriteAllTextAsync(
                _world.PolicyFile("95-note.cedar"),
                "@id(\"note\") @reason(\"none\") forbid (principal, action == Governance::Action::\"use\", resource);"
            );
            await Eventually.Until(
                () => CheckAsync("bundle"),
                Does.Match("^degraded: The newer bundle sha256:[0-9a-f]{64} could not be announced, and the old one stays;"),
                TimeSpan.FromSeconds(60)
            );
        }
        finally
        {
            await SuiteServers.Current.AlarmBrokerAsync(on: false);
        }

        await Eventually.Until(
            async () => (await CheckAsync("broker"), await CheckAsync("bundle")),
            Is.EqualTo(("healthy: ", "healthy: ")),
            TimeSpan.FromSeconds(60)
        );
        await _world.Peer.AnnouncedAsync(2);
    }

    private async Task<string> CheckAsync(string name)
    {
        var check = JsonNode.Parse((await _world.Policy.HealthAsync()).Report)!["checks"]![name]!;
        return $"{(string?)check["status"]}: {(string?)check["description"]}";
    }
}
