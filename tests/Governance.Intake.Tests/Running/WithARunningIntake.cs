using Governance.Intake.Tests.Requests;

namespace Governance.Intake.Tests.Running;

/// <summary>A running Intake for each test, with a client of the broker.</summary>
public abstract class WithARunningIntake
{
    private protected Surroundings _surroundings = null!;
    private protected RunningIntake _intake = null!;
    private protected AmqpClient _client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _surroundings = await Surroundings.CreateAsync();
        _intake = await RunningIntake.StartAsync(_surroundings);
        _client = await AmqpClient.ConnectAsync(_surroundings.Bus);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _client.DisposeAsync();
        await _intake.DisposeAsync();
        await _surroundings.DisposeAsync();
    }
}
