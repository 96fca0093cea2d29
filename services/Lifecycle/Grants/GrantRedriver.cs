using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Turns;
using Governance.Messaging;
using Marten;
using MassTransit;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Governance.Lifecycle.Grants;

/// <summary>Finds grants that have waited longer than their state allows, so that a message lost by any cause delays and never strands.</summary>
internal sealed class GrantRedriver(
    IDocumentStore store,
    NpgsqlDataSource database,
    IBus bus,
    IOptions<LifecycleOptions> options,
    TimeProvider clock,
    ILogger<GrantRedriver> logger
) : BackgroundService
{
    private const int Batch = 1000;
    private static readonly TimeSpan ExpiryBound = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RedrivePeriod, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RedriveAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Log.RedriveFailed(logger, e);
            }
        }
    }

    /// <summary>One look; replicas may look at once, since a grant that has moved on ignores it.</summary>
    internal async Task<int> RedriveAsync(CancellationToken cancellationToken)
    {
        var table = store.Options.Schema.For<Grant>();
        // Who waits in the line is told by its keeper.
        var turns = store.Options.Schema.For<Turn>();
        var now = clock.Now();
        await using var command = database.CreateCommand(
            $"""
            select id, (data ->> 'streamVersion')::bigint from {table}
            where (data ->> 'currentState' = any($1) and (data ->> 'waitingSince' < $2 or data ->> 'waitingSince' > $4)
                   and (data -> 'queued' is null or not exists (select from {turns} t where t.id = {table}.id)))
               or (data ->> 'currentState' in ('Active', 'Suspended') and data ->> 'expiresAt' < $3)
               or (data ->> 'currentState' in ('AwaitingApproval', 'Active', 'Suspended') and data -> 'evaluation' is not null and data ->> 'waitingSince' < $2)
               or (data ->> 'currentState' in ('Active', 'Suspended') and data -> 'deadlines' -> 'review' ->> 'due' < $3)
               or ((data ->> 'emergency')::boolean and data ->> 'currentState' in ('Revoking', 'RevokeFailed', 'Ended')
                   and (data -> 'deadlines' -> 'review' ->> 'due' < $3
                        or (data -> 'evaluation' is not null and data ->> 'waitingSince' < $2)))
               or (data ->> 'currentState' = 'AwaitingApproval' and data -> 'deadlines' -> 'approval-window' ->> 'due' < $3)
               or (data ->> 'currentState' = 'Scheduled' and data ->> 'startsAt' < $3 and data ->> 'waitingSince' < $2)
            order by data ->> 'waitingSince' limit {Batch}
            """
        );
        command.Parameters.Add(
            new()
            {
                Value = new[]
                {
                    GrantState.Evaluating,
                    GrantState.Activating,
                    GrantState.Suspending,
                    GrantState.Revoking,
                    GrantState.RevokeFailed,
                },
            }
        );
        command.Parameters.Add(new() { Value = Moments.ToWire(now - options.Value.RedriveAfter) });
        command.Parameters.Add(new() { Value = Moments.ToWire(now - ExpiryBound) });
        // The clock was set back, and would take as long as that to come to the moment at which they have waited too long.
        command.Parameters.Add(new() { Value = Moments.ToWire(now + options.Value.RedriveAfter) });
        var waiting = new List<(Guid Id, long Version)>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                waiting.Add((reader.GetGuid(0), reader.GetInt64(1)));
            }
        }

        await Task.WhenAll(
            waiting.Select(w =>
                bus.PublishMandatoryAsync(new RedriveGrant { GrantId = w.Id, Version = w.Version }, NewId.NextGuid(), cancellationToken)
            )
        );
        if (waiting.Count > 0)
        {
            Log.RedriveFound(logger, waiting.Count);
        }

        return waiting.Count;
    }
}
