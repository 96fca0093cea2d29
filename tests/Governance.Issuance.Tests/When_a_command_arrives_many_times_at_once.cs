using Governance.Testing;

namespace Governance.Issuance.Tests;

public sealed class When_a_command_arrives_many_times_at_once : IssuanceFixture
{
    [Test]
    public async Task Should_end_with_the_highest_revision_whatever_the_order()
    {
        AddTarget("orders-db", Orders.ConnectionString);
        await Task.WhenAll(StartReplicaAsync(), StartReplicaAsync());
        var binding = await Orders.CreateBindingAsync();
        var commands = Enumerable.Range(1, 9).Select(revision => Lifecycle.Command(binding, revision, leases: revision % 2)).ToList();
        commands.Add(Lifecycle.Command(binding, 10, leases: 0));

        var shuffled = commands.Concat(commands).Concat(commands).ToArray();
        new Random(20261123).Shuffle(shuffled);
        await Task.WhenAll(shuffled.Select(Lifecycle.AskAsync));

        Assert.That((await Lifecycle.AnswerAsync(10)).Direct, Is.False);
        await Eventually.Until(
            () =>
                ReadAsync<bool>(
                    "select next_attempt is null and answer_due is null and revision = 10 and observed_revision = 10 from issuance.holdings"
                ),
            Is.True
        );
        Assert.That(await Orders.IsMemberAsync(binding), Is.False);
        Assert.That(await ReadAsync<long>("select count(*) from issuance.holdings"), Is.EqualTo(1));
    }
}
