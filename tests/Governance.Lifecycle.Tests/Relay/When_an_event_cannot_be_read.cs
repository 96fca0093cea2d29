using Governance.Contracts.Decisions;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Relay;

public sealed class When_an_event_cannot_be_read
{
    private World _world = null!;

    [SetUp]
    public async Task StartAsync() => _world = await World.CreateAsync();

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_stop_loudly_and_go_on_when_it_is_put_right()
    {
        var sequence = await AppendUnknownAsync();
        var request = Requests.Of(TestCatalog.NextActor());
        await _world.SendAsync(request);

        await Eventually.Until(
            _world.Service.HealthAsync,
            health => health.Report.Contains($"relay: event {sequence} (from-the-future.v1) can't be read", StringComparison.Ordinal),
            TimeSpan.FromSeconds(30)
        );
        Assert.That(await _world.Service.IsReadyAsync(), Is.False);
        Assert.That(
            _world.Service.Log.Of("RelayCannotRead").Select(l => l.Message),
            Has.Some.Contain("from-the-future.v1")
                .And.Some.Contain(" " + sequence.ToString(System.Globalization.CultureInfo.InvariantCulture))
        );
        Assert.That(_world.Peers.Questions(request.GrantId), Is.Empty, "nothing behind it was passed on");
        Assert.That(_world.Service.Stopping.IsCancellationRequested, Is.False, "a new process could not read it either");

        await RepairAsync(sequence);
        await _world.SendAsync(
            Answers.Of(await _world.Peers.QuestionAsync(request.GrantId, within: TimeSpan.FromSeconds(40)), Outcome.Permit)
        );
        await _world.Service.ReadyAsync();
    }

    private async Task<long> AppendUnknownAsync() =>
        await _world.ScalarAsync<long>(
            """
            with next as (select nextval('lifecycle.mt_events_sequence') as seq),
                 stream as (insert into lifecycle.mt_streams (id, version, timestamp, created, is_archived, tenant_id) values (gen_random_uuid(), 1, now(), now(), false, '*DEFAULT*') returning id)
            insert into lifecycle.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, is_archived)
            select seq, gen_random_uuid(), stream.id, 1, '{}', 'from-the-future.v1', now(), '*DEFAULT*', 'From.The.Future, Future', false from next, stream
            returning seq_id
            """
        );

    private async Task RepairAsync(long sequence)
    {
        await using var command = _world.Sql.CreateCommand(
            "update lifecycle.mt_events set type = 'grant-redriven.v1', data = '{\"state\":\"Active\",\"at\":\"2026-11-23T12:00:00.000Z\"}' where seq_id = $1"
        );
        command.Parameters.Add(new() { Value = sequence });
        Assert.That(await command.ExecuteNonQueryAsync(), Is.EqualTo(1));
    }
}
