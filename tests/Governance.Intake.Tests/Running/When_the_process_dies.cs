using Governance.Intake.Tests.Requests;
using Governance.Intake.Tests.Tickets;

namespace Governance.Intake.Tests.Running;

public sealed class When_the_process_dies
{
    private const int Killed = 137;

    [TestCase("intake.request.before-commit")]
    [TestCase("intake.request.after-commit")]
    [TestCase("intake.request.before-ack")]
    [TestCase("intake.relay.before-publish")]
    [TestCase("intake.relay.after-publish")]
    public async Task Should_make_one_stream_of_a_request(string crashPoint)
    {
        await using var surroundings = await Surroundings.CreateAsync();
        await using var client = await AmqpClient.ConnectAsync(surroundings.Bus);
        await PublishAndCrashAsync(surroundings, crashPoint, Sample.Bytes(Sample.Event()));

        await using var next = await RunningIntake.StartAsync(surroundings);

        var told = await client.TakeRequestedAsync(1);
        await surroundings.UntilSettledAsync();
        Assert.That(
            told.Select(m => m["grantId"]!.GetValue<Guid>()),
            Has.All.EqualTo(NameBasedUuid.ForRequest(Sample.Source, "RITM0012345:3", null))
        );
        Assert.That(await surroundings.CountEventsAsync("request-received"), Is.EqualTo(1));
        Assert.That(await surroundings.CountAsync("select count(*) from intake.mt_events"), Is.EqualTo(1));
        Assert.That(await client.CountRejectedAsync(), Is.Zero);
    }

    [TestCase("intake.request.before-commit")]
    [TestCase("intake.request.after-commit")]
    [TestCase("intake.relay.after-publish")]
    public async Task Should_make_one_stream_of_a_ticket_change(string crashPoint)
    {
        await using var surroundings = await Surroundings.CreateAsync();
        await using var client = await AmqpClient.ConnectAsync(surroundings.Bus);
        await PublishAndCrashAsync(surroundings, crashPoint, Sample.Bytes(TicketSample.Event()));

        await using var next = await RunningIntake.StartAsync(surroundings);

        var told = await client.TakeTicketsAsync(1);
        await surroundings.UntilSettledAsync();
        Assert.That(told.Select(m => m["eventId"]!.GetValue<string>()), Has.All.EqualTo("RITM0012345:9"));
        Assert.That(await surroundings.CountAsync("select count(*) from intake.mt_events"), Is.EqualTo(1));
        Assert.That(await client.CountRejectedAsync(), Is.Zero);
    }

    [TestCase("intake.refusal.before-commit", 1)]
    [TestCase("intake.refusal.after-commit", 1)]
    [TestCase("intake.reject.after-publish", 2)]
    public async Task Should_record_one_refusal(string crashPoint, int deadLetters)
    {
        await using var surroundings = await Surroundings.CreateAsync();
        await using var client = await AmqpClient.ConnectAsync(surroundings.Bus);
        await PublishAndCrashAsync(surroundings, crashPoint, Sample.Bytes(Sample.With("data.duration", "PT0S")));

        await using var next = await RunningIntake.StartAsync(surroundings);

        var rejected = await client.TakeRejectedAsync(deadLetters);
        await surroundings.UntilSettledAsync();
        Assert.That(rejected.Select(m => m.Header("governance-refusal-id")).Distinct(StringComparer.Ordinal).Count(), Is.EqualTo(1));
        Assert.That(await surroundings.CountAsync("select count(*) from intake.mt_events"), Is.EqualTo(1));
        Assert.That(await client.TakeRefusedAsync(1), Is.Not.Empty);
    }

    private static async Task PublishAndCrashAsync(Surroundings surroundings, string crashPoint, byte[] body)
    {
        await using var process = IntakeProcess.Start(surroundings, crashPoint);
        // Returned as long as the queue is not bound; and a publish to no exchange ends the channel.
        await Testing.Eventually.Until(
            async () =>
            {
                await using var client = await AmqpClient.ConnectAsync(surroundings.Bus);
                await client.PublishAsync(body);
                return true;
            },
            TimeSpan.FromSeconds(60)
        );
        Assert.That(await process.UntilDeadAsync(), Is.EqualTo(Killed));
    }
}
