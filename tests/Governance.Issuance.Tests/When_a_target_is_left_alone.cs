using Governance.Connectors;
using Governance.Contracts.Lifecycle;
using Governance.Issuance.Targets;
using Governance.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Governance.Issuance.Tests;

/// <summary>The circuit of a target is open for a minute.</summary>
public sealed class When_a_target_is_left_alone : IssuanceFixture
{
    private const long Hopeless = 7;

    [SetUp]
    public void BeQuickToLeaveItAlone()
    {
        AddTarget("orders-db", Orders.ConnectionString, kind: "gated");
        Set("Issuance:Targets:0:BreakAfter", "2");
        Set("Issuance:Targets:0:BreakDuration", "00:01:00");
        Set("Issuance:Targets:0:Retries", "0");
    }

    [Test]
    public async Task Should_take_away_what_nothing_keeps_it_from()
    {
        FailFor(desired => desired.Revision == Hopeless);
        var replica = await StartReplicaAsync();
        var held = await GivenAsync();
        await LeaveAloneAsync(replica);

        await Lifecycle.AskAsync(held, revision: 2, leases: 0);
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);
        Assert.That(await Orders.IsMemberAsync(held), Is.False);
    }

    [Test]
    public async Task Should_try_removals_in_turn_and_say_so_of_those_that_wait()
    {
        var open = false;
        string? healthy = null;
        FailFor(desired => desired.Revision == Hopeless || (desired.Revision == 2 && !open && desired.Account != healthy));
        var replica = await StartReplicaAsync();
        string[] principals = [.. Enumerable.Range(0, 6).Select(i => FormattableString.Invariant($"svc-{i}"))];
        var bindings = new Dictionary<string, TargetBinding>(StringComparer.Ordinal);
        foreach (var principal in principals)
        {
            bindings[principal] = await Orders.CreateBindingAsync();
            await Lifecycle.AskAsync(bindings[principal], revision: 1, leases: 1, principal);
            await Lifecycle.AnswerAsync(1, principal);
        }

        await LeaveAloneAsync(replica);
        foreach (var principal in principals)
        {
            await Lifecycle.AskAsync(bindings[principal], revision: 2, leases: 0, principal);
        }

        foreach (var principal in principals)
        {
            var failure = await Lifecycle.FailureAsync(2, principal);
            Assert.That(failure.NextAttemptAt, Is.GreaterThan(failure.FailedAt), failure.Code);
            Assert.That(failure.Attempt, Is.GreaterThan(0), failure.Code);
        }

        foreach (var principal in principals)
        {
            await Lifecycle.FailureAsync(2, principal, ConnectorErrors.Timeout);
        }

        // One that the target takes lets the others go.
        healthy = bindings[principals[3]].Account;
        await Lifecycle.AnswerAsync(2, principals[3]);
        open = true;
        foreach (var principal in principals)
        {
            Assert.That((await Lifecycle.AnswerAsync(2, principal)).Direct, Is.False);
        }
    }

    [Test]
    public async Task Should_be_tried_by_one_replica_a_second_however_many_there_are()
    {
        const int Probes = 12;
        var removals = 0;
        FailFor(desired =>
        {
            if (desired.Revision == 2)
            {
                Interlocked.Increment(ref removals);
            }

            return desired.Revision == 2;
        });
        WebApplication[] replicas = [await StartReplicaAsync(), await StartReplicaAsync()];
        string[] principals = [.. Enumerable.Range(0, 6).Select(i => FormattableString.Invariant($"svc-{i}"))];
        var bindings = new Dictionary<string, TargetBinding>(StringComparer.Ordinal);
        foreach (var principal in principals)
        {
            bindings[principal] = await Orders.CreateBindingAsync();
            await Lifecycle.AskAsync(bindings[principal], revision: 1, leases: 1, principal);
            await Lifecycle.AnswerAsync(1, principal);
        }

        // By hand: as soon as one leaves it alone by itself, what would make the other do so waits.
        foreach (var target in replicas.Select(TargetOf))
        {
            await target.Circuit.Control.IsolateAsync();
        }

        var began = TimeProvider.System.GetTimestamp();
        foreach (var principal in principals)
        {
            await Lifecycle.AskAsync(bindings[principal], revision: 2, leases: 0, principal);
        }

        await Eventually.Until(() => Task.FromResult(Volatile.Read(ref removals)), n => n >= Probes, TimeSpan.FromSeconds(60));
        // Not how fast the machine is, but how fast they may be: each a second after the one before.
        Assert.That(TimeProvider.System.GetElapsedTime(began), Is.GreaterThan(TimeSpan.FromSeconds(Probes - 2)));
    }

    [Test]
    public async Task Should_let_the_replicas_try_in_turn()
    {
        WebApplication[] replicas = [await StartReplicaAsync(), await StartReplicaAsync()];
        var gates = replicas.Select(replica => replica.Services.GetRequiredService<ProbeGate>()).ToArray();
        var taken = await Task.WhenAll(gates.Select(gate => gate.TryTakeAsync("quiet-db", CancellationToken.None)));
        Assert.That(taken, Is.EquivalentTo([true, false]));

        var last = Array.IndexOf(taken, true);
        var turns = new List<int> { last };
        while (turns.Count < 4)
        {
            await Eventually.Until(async () =>
            {
                // The one that tried last is always the first to ask.
                foreach (var at in (int[])[last, 1 - last])
                {
                    if (await gates[at].TryTakeAsync("quiet-db", CancellationToken.None))
                    {
                        last = at;
                        return true;
                    }
                }

                return false;
            });
            turns.Add(last);
        }

        Assert.That(turns, Is.EqualTo((int[])[turns[0], 1 - turns[0], turns[0], 1 - turns[0]]));
        await gates[last].GiveBackAsync("quiet-db", CancellationToken.None);
        Assert.That(await gates[1 - last].TryTakeAsync("quiet-db", CancellationToken.None), Is.True, "There was nothing to try.");
    }

    [Test]
    public async Task Should_not_be_for_what_somebody_there_holds_up()
    {
        var replica = await StartReplicaAsync();
        var held = await GivenAsync();
        TargetBinding[] stuck = [.. await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Orders.CreateBindingAsync()))];
        await using var administrator = await Orders.OpenAsync();
        await using var transaction = await administrator.BeginTransactionAsync();
        await using (
            var grants = new NpgsqlCommand(
                string.Join(';', stuck.Select(binding => $"grant {binding.Privilege} to {binding.Account}")),
                administrator
            )
        )
        {
            await grants.ExecuteNonQueryAsync();
        }

        for (var i = 0; i < stuck.Length; i++)
        {
            await Lifecycle.AskAsync(stuck[i], revision: 1, leases: 1, FormattableString.Invariant($"svc-{i}"));
        }

        for (var i = 0; i < stuck.Length; i++)
        {
            var failure = await Lifecycle.FailureAsync(1, FormattableString.Invariant($"svc-{i}"));
            Assert.That(failure.Code, Is.EqualTo(ConnectorErrors.Blocked), failure.Message);
            Assert.That(failure.Message, Does.Contain(FormattableString.Invariant($"pid {administrator.ProcessID} ")));
        }

        // More calls fail by then than succeed, what was read before the first attempts included.
        for (var i = 0; i < stuck.Length; i++)
        {
            var principal = FormattableString.Invariant($"svc-{i}");
            await Eventually.Until(
                () => Task.FromResult(Lifecycle.Failed(principal).Max(f => f.Attempt)),
                attempts => attempts >= 4,
                TimeSpan.FromSeconds(60)
            );
        }

        Assert.That(TargetOf(replica).Circuit.IsOpen, Is.False);
        await Lifecycle.AskAsync(held, revision: 2, leases: 0);
        Assert.That((await Lifecycle.AnswerAsync(2)).Direct, Is.False);
        await Lifecycle.AskAsync(await Orders.CreateBindingAsync(), revision: 1, leases: 1, "svc-other");
        Assert.That((await Lifecycle.AnswerAsync(1, "svc-other")).Direct, Is.True);

        await transaction.RollbackAsync();
        for (var i = 0; i < stuck.Length; i++)
        {
            var principal = FormattableString.Invariant($"svc-{i}");
            Assert.That((await Lifecycle.AnswerAsync(1, principal)).Direct, Is.True);
            Assert.That(Lifecycle.Failed(principal).Select(f => f.Code), Has.None.EqualTo(ConnectorErrors.CircuitOpen));
        }
    }

    private void FailFor(Predicate<DesiredHolding> hopeless) =>
        Gates.BeforeApply = (desired, deadline, token) =>
            hopeless(desired)
                ? throw new ConnectorException(ConnectorErrors.Timeout, "Nothing came back.")
                : Task.FromResult((deadline, token));

    private static Target TargetOf(WebApplication replica) => replica.Services.GetRequiredService<TargetCatalog>().All.Single();

    private async Task LeaveAloneAsync(WebApplication replica)
    {
        string[] hopeless = ["hopeless-0", "hopeless-1", "hopeless-2", "hopeless-3"];
        foreach (var principal in hopeless)
        {
            await Lifecycle.AskAsync(await Orders.CreateBindingAsync(), Hopeless, leases: 1, principal);
        }

        await Eventually.Until(() => Task.FromResult(TargetOf(replica).Circuit.IsOpen), Is.True, TimeSpan.FromSeconds(60));
    }
}
