using System.Collections.Concurrent;
using Governance.Connectors;
using Governance.Testing;

namespace Governance.Issuance.Tests;

public sealed class When_two_replicas_share_the_work : IssuanceFixture
{
    private const int Holdings = 100;

    [Test]
    public async Task Should_take_turns_in_reading_again()
    {
        Set("Issuance:ReadAgainAfter", "00:00:01");
        Set("Issuance:ReadAgainSpacing", "00:01:00");
        AddTarget("orders-db", Orders.ConnectionString);
        await StartReplicaAsync();
        await StartReplicaAsync();
        for (var i = 0; i < 4; i++)
        {
            await Lifecycle.AskAsync(await Orders.CreateBindingAsync(), revision: 1, leases: 1, "svc-" + i);
            await Lifecycle.AnswerAsync(1, "svc-" + i);
        }

        await ExecuteAsync(
            "update issuance.holdings set read_at = '2020-01-01'; update issuance.targets set read_again_at = null where id = 'orders-db'"
        );
        await Eventually.Until(
            () => ReadAsync<long>("select count(*) from issuance.targets where read_again_at is not null"),
            Is.EqualTo(1)
        );

        Assert.That(await ReadAsync<long>("select count(*) from issuance.holdings where read_at > '2020-01-01'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_never_work_on_one_holding_at_once()
    {
        var inside = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var overlaps = new ConcurrentQueue<string>();
        Gates.BeforeApply = (desired, deadline, token) =>
        {
            if (inside.AddOrUpdate(desired.Account, 1, (_, n) => n + 1) > 1)
            {
                overlaps.Enqueue(desired.Account);
            }

            return Task.FromResult<(AttemptDeadline, CancellationToken)>((deadline, token));
        };
        Gates.AfterApply = desired =>
        {
            inside.AddOrUpdate(desired.Account, 0, (_, n) => n - 1);
            return Task.CompletedTask;
        };
        AddTarget("orders-db", Orders.ConnectionString, attemptTimeout: "00:00:20", kind: "gated");
        await Task.WhenAll(StartReplicaAsync(), StartReplicaAsync());

        var binding = await Orders.CreateBindingAsync();
        await Orders.ExecuteAsync(
            $"do $$ begin for i in 1..{Holdings} loop execute format('create role %I login', '{binding.Account}_' || i); end loop; end $$"
        );
        await Task.WhenAll(
            Enumerable
                .Range(1, Holdings)
                .SelectMany(i =>
                    new[]
                    {
                        Ask(i, revision: 1, leases: 1),
                        Ask(i, revision: 1, leases: 1),
                        Ask(i, revision: 2, leases: 0),
                        Ask(i, revision: 3, leases: 1),
                    }
                )
        );

        for (var i = 1; i <= Holdings; i++)
        {
            Assert.That((await Lifecycle.AnswerAsync(3, Principal(i), timeout: TimeSpan.FromSeconds(60))).Direct, Is.True);
        }

        Assert.That(overlaps, Is.Empty);
        Assert.That(
            await Orders.ReadAsync<long>(
                "select count(*) from pg_auth_members m join pg_roles p on p.oid = m.roleid where p.rolname = $1",
                binding.Privilege
            ),
            Is.EqualTo(Holdings)
        );

        Task Ask(int i, long revision, int leases) =>
            Lifecycle.AskAsync(binding with { Account = $"{binding.Account}_{i}" }, revision, leases, Principal(i));
    }

    private static string Principal(int i) => FormattableString.Invariant($"svc-{i}");
}
