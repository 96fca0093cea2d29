using System.Diagnostics;
using System.Globalization;
using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Races;
using Governance.Lifecycle.Tests.Running;
using Governance.Messaging;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.KillSwitch;

/// <summary>How long Lifecycle itself takes, with a target that does at once what it is asked. <c>GOVERNANCE_TEST_REVOKED=3000</c> takes more.</summary>
public sealed class When_thousands_are_ordered_away
{
    private const int Identities = 4;
    private static readonly int Grants = int.TryParse(
        Environment.GetEnvironmentVariable("GOVERNANCE_TEST_REVOKED"),
        CultureInfo.InvariantCulture,
        out var grants
    )
        ? grants
        : 400;

    [Test]
    public async Task Should_take_about_as_long_as_the_targets()
    {
        var concurrency = Environment.GetEnvironmentVariable("GOVERNANCE_TEST_REVOKED_AT_ONCE") ?? "8";
        await using var world = await World.CreateAsync("Lifecycle:RevocationConcurrency=" + concurrency);
        var catalog = new RaceCatalog(Grants / Identities, Identities);
        catalog.Write(world.Catalog);
        await Eventually.Until(
            () =>
                world.ScalarAsync<bool>(
                    "select exists(select 1 from lifecycle.mt_doc_storedcatalog c, lifecycle.mt_doc_inforce f where c.id = f.data ->> 'catalog' and c.data::text like '%svc-race-%')"
                ),
            Is.True,
            TimeSpan.FromSeconds(60)
        );
        await world.SweptAsync();
        world.Peers.Rule = command => AnswerAsync(world, command);
        var requests = Enumerable
            .Range(0, Grants / Identities)
            .SelectMany(o => Enumerable.Range(0, Identities).Select(i => RaceCatalog.Identity(o, i)))
            .Select(id => Requests.Of(catalog.ActorOf(id), TestCatalog.Readonly, id));
        await Parallel.ForEachAsync(
            requests,
            new ParallelOptions { MaxDegreeOfParallelism = 32 },
            async (request, token) => await world.Peers.Bus.PublishMandatoryAsync(request, Guid.NewGuid(), token)
        );
        await CountAsync(world, GrantState.Active);
        var orders = new Orders(world);
        var watch = Stopwatch.StartNew();

        var preview = await orders.PreviewAsync(new { target = "orders-db" });
        var previewed = watch.Elapsed;
        watch.Restart();
        var order = await orders.GiveAsync(new { target = "orders-db" }, confirm: (int)preview["hit"]!);
        var recorded = watch.Elapsed;
        await Eventually.Until(() => orders.GetAsync(order), o => (int)o["waiting"]! == 0, TimeSpan.FromMinutes(8));
        var asked = watch.Elapsed;
        await CountAsync(world, GrantState.Ended);
        var gone = watch.Elapsed;
        await orders.FinishedAsync(order);

        await TestContext.Out.WriteLineAsync(
            $"{Grants} grants, {concurrency} at once: preview {previewed.TotalMilliseconds:F0} ms, order recorded in {recorded.TotalMilliseconds:F0} ms, "
                + $"all being revoked after {asked.TotalSeconds:F1} s ({Grants / asked.TotalSeconds:F0}/s), all read back after {gone.TotalSeconds:F1} s ({Grants / gone.TotalSeconds:F0}/s)"
        );
        Assert.That((await orders.GrantsOfAsync(order, "revocation-accounted.v1")), Has.Count.EqualTo(Grants));
    }

    private static Task<long> CountAsync(World world, string state) =>
        Eventually.Until(
            () => world.ScalarAsync<long>("select count(*) from lifecycle.mt_doc_grant where data ->> 'currentState' = $1", state),
            Is.EqualTo((long)Grants),
            TimeSpan.FromMinutes(8)
        );

    private static Task AnswerAsync(World world, object command) =>
        command switch
        {
            EvaluateAccess question => world.Peers.Bus.PublishMandatoryAsync(Answers.Of(question, Outcome.Permit), Guid.NewGuid()),
            ReconcileHolding holding => world.Peers.Bus.PublishMandatoryAsync(Answers.Observed(holding, world.Clock.Now()), Guid.NewGuid()),
            _ => Task.CompletedTask,
        };
}
