using Governance.Contracts.Lifecycle;
using Governance.Expiry.Deadlines;
using Governance.Expiry.Tests.Running;

namespace Governance.Expiry.Tests;

public sealed class Any_order_of_messages
{
    private World _world = null!;
    private DeadlineStore _one = null!;
    private DeadlineStore _other = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        _one = (await _world.StartReplicaAsync()).Get<DeadlineStore>();
        _other = (await _world.StartReplicaAsync()).Get<DeadlineStore>();
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Should_end_the_same_when_repeated_shuffled_and_concurrent(int seed)
    {
        var random = new Random(seed);
        var work = new List<Func<DeadlineStore, Task>>();
        var expected = new Dictionary<Guid, (long Revision, string State)>();
        for (var i = 0; i < 60; i++)
        {
            var grant = Guid.NewGuid();
            var revisions = random.Next(1, 6);
            for (long revision = 1; revision <= revisions; revision++)
            {
                Add(work, random, SetOf(grant, revision));
            }

            expected[grant] = (revisions, "armed");
            var settled = random.Next(0, revisions + 2);
            if (settled > 0)
            {
                var cancel = random.Next(2) == 0;
                Add(work, random, cancel ? CancelOf(grant, settled) : AcknowledgementOf(grant, settled));
                expected[grant] = settled >= revisions ? (settled, cancel ? "cancelled" : "acknowledged") : expected[grant];
            }
        }

        var shuffled = work.ToArray();
        random.Shuffle(shuffled);
        await Parallel.ForEachAsync(
            shuffled.Select((change, i) => (change, store: i % 2 == 0 ? _one : _other)),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (step, _) => await step.change(step.store)
        );

        foreach (var (grant, end) in expected)
        {
            var row = (await _one.FindAsync(grant, CancellationToken.None)).Single();
            Assert.That((row.Revision, row.State.ToString().ToLowerInvariant()), Is.EqualTo(end));
        }
    }

    private static void Add(List<Func<DeadlineStore, Task>> work, Random random, Func<DeadlineStore, Task> change) =>
        work.AddRange(Enumerable.Repeat(change, random.Next(1, 4)));

    private static Func<DeadlineStore, Task> SetOf(Guid grant, long revision)
    {
        var due = DateTimeOffset.UtcNow.AddHours(revision);
        return s =>
            s.SetAsync(
                new SetDeadline
                {
                    GrantId = grant,
                    Kind = "expiry",
                    Due = due,
                    Revision = revision,
                },
                CancellationToken.None
            );
    }

    private static Func<DeadlineStore, Task> CancelOf(Guid grant, long revision) =>
        s =>
            s.CancelAsync(
                new CancelDeadline
                {
                    GrantId = grant,
                    Kind = "expiry",
                    Revision = revision,
                },
                CancellationToken.None
            );

    private static Func<DeadlineStore, Task> AcknowledgementOf(Guid grant, long revision) =>
        s =>
            s.AcknowledgeAsync(
                new DeadlineAcknowledged
                {
                    GrantId = grant,
                    Kind = "expiry",
                    Revision = revision,
                },
                CancellationToken.None
            );
}
