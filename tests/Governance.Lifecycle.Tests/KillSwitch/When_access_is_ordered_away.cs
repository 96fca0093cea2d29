using System.Net;
using System.Text.Json.Nodes;
using Governance.Contracts.Decisions;
using Governance.Contracts.Expiry;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;
using Npgsql;

namespace Governance.Lifecycle.Tests.KillSwitch;

/// <summary>What an order is about goes, whatever its state; nothing else is touched; and the order is the record of it.</summary>
public sealed class When_access_is_ordered_away
{
    private World _world = null!;
    private Orders _orders = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync("Lifecycle:RevocationGuardCount=3", "Lifecycle:RevocationGuardShare=0");
        _orders = new Orders(_world);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_end_it_in_every_state()
    {
        // No other test asks for it.
        const string Owner = "orders-db/owner";
        var actors = Enumerable.Range(0, 7).Select(_ => TestCatalog.NextActor()).ToList();
        var evaluating = await _world.RequestAsync(actors[0], Owner);
        var awaiting = await _orders.AwaitingAsync(actors[1], Owner);
        var scheduled = await _orders.ScheduledAsync(actors[2], Owner);
        var activating = await _world.ActivatingAsync(actors[3], Owner);
        var active = await _world.ActiveAsync(actors[4], Owner);
        var revoking = await _orders.RevokingAsync(actors[5], Owner);
        var failed = await _orders.RevokeFailedAsync(actors[6], Owner);
        var other = await _world.ActiveAsync(actors[4], TestCatalog.Approver, actors[4].Second);
        var untouched = await _world.VersionAsync(other);
        var selector = new
        {
            target = "orders-db",
            entitlement = Owner,
            ticket = new { key = "RITM0012345" },
        };
        Guid[] all = [evaluating, awaiting, scheduled, activating, active, revoking, failed];

        var preview = await _orders.PreviewAsync(selector);
        var order = await _orders.GiveAsync(selector, confirm: (int)preview["hit"]!);

        Assert.That(preview["grants"]!.AsArray().Select(g => (Guid)g!["id"]!), Is.EquivalentTo(all));
        Assert.That(((int)preview["matched"]!, (int)preview["underWay"]!, (int)preview["hit"]!), Is.EqualTo((7, 2, 5)));
        Assert.That((await _orders.GrantsOfAsync(order, "revocation-aimed.v1")).Keys, Is.EquivalentTo(all));
        foreach (var never in new[] { evaluating, awaiting, scheduled })
        {
            await _world.ReachAsync(never, GrantState.Denied);
            Assert.That(await RevocationOfAsync(never), Is.EqualTo(order));
        }

        foreach (var goes in new[] { activating, active })
        {
            await _world.ReachAsync(goes, GrantState.Revoking);
            var (_, view) = await _world.GetAsync($"/v1/grants/{goes}");
            Assert.That(((string?)view["endReason"], (Guid?)view["revocation"]), Is.EqualTo(("kill-switch", order)));
        }

        foreach (var actor in actors.Skip(3))
        {
            await _world.ObserveAsync(actor.First);
        }

        var finished = await _orders.FinishedAsync(order);
        Assert.That(((int)finished["gone"]!, (int)finished["prevented"]!, (int)finished["matched"]!), Is.EqualTo((4, 3, 7)));
        Assert.That(((string?)finished["reason"], (string?)finished["orderedBy"]), Is.EqualTo(("stolen", Orders.Operator)));
        var accounted = await _orders.GrantsOfAsync(order, "revocation-accounted.v1");
        Assert.That(accounted.Keys, Is.EquivalentTo(all));
        Assert.That(
            accounted.Where(g => (bool)g.Value["byThisOrder"]!).Select(g => g.Key),
            Is.EquivalentTo(all.Except([revoking, failed])),
            "what was on its way out ended by what began it"
        );
        Assert.That(accounted.Values.Select(g => (string?)g["endedAt"]), Is.All.Not.Null);
        Assert.That(await _world.VersionAsync(other), Is.EqualTo(untouched), "it is something else");
    }

    [Test]
    public async Task Should_let_nothing_that_was_under_way_slip_through()
    {
        var actor = TestCatalog.NextActor();
        var evaluating = await _world.RequestAsync(actor);
        var question = await _world.Peers.QuestionAsync(evaluating);
        var awaiting = await _orders.AwaitingAsync(actor, TestCatalog.Writer, actor.Second);
        var start = TestCatalog.NextActor();
        var scheduled = await _orders.ScheduledAsync(start);
        var due = await _world.Peers.DeadlineAsync(scheduled, DeadlineKinds.Start);

        await _orders.FinishedAsync(await _orders.GiveAsync(new { owner = actor.HumanName }));
        await _orders.FinishedAsync(await _orders.GiveAsync(new { owner = start.HumanId }));

        await _world.SendAsync(Answers.Of(question, Outcome.Permit));
        await _world.SendAsync(
            new DeadlineReached
            {
                GrantId = scheduled,
                Kind = due.Kind,
                Due = due.Due,
                Revision = due.Revision,
            }
        );
        var (status, problem) = await _world.CommandAsync(awaiting, "approve", "omar@example.com");
        Assert.That((status, (string?)problem["state"]), Is.EqualTo((HttpStatusCode.Conflict, "denied")));
        Assert.That(
            await Task.WhenAll(new[] { evaluating, awaiting, scheduled }.Select(_world.StateAsync)),
            Is.All.EqualTo(GrantState.Denied)
        );
        Assert.That(await _world.RevisionsAsync(actor.First), Is.Empty, "no target was asked for anything");
    }

    [Test]
    public async Task Should_deny_what_was_requested_before_and_comes_in_after()
    {
        var actor = TestCatalog.NextActor();
        var known = await _world.RequestAsync(actor);
        var before = Requests.Of(actor) with { ReceivedAt = _world.Clock.Now() };
        var elsewhere = before with { GrantId = Guid.NewGuid(), Principal = TestCatalog.NextActor().First };
        var order = await _orders.GiveAsync(new { principal = actor.First });
        await _orders.FinishedAsync(order);

        _world.Clock.Advance(TimeSpan.FromSeconds(6));
        var after = Requests.Of(actor) with { ReceivedAt = _world.Clock.Now() };
        await _world.SendAsync(before);
        await _world.SendAsync(after);
        await _world.SendAsync(elsewhere);

        Assert.That(await _world.StateAsync(before.GrantId), Is.EqualTo(GrantState.Denied));
        Assert.That(await RevocationOfAsync(before.GrantId), Is.EqualTo(order));
        Assert.That(await _world.StateAsync(after.GrantId), Is.EqualTo(GrantState.Evaluating), "an order is about what was there");
        Assert.That(await _world.StateAsync(elsewhere.GrantId), Is.EqualTo(GrantState.Evaluating), "it is somebody else's");
        Assert.That(await _world.StateAsync(known), Is.EqualTo(GrantState.Denied));
    }

    [Test]
    public async Task Should_wait_for_requests_that_are_coming_in()
    {
        var actor = TestCatalog.NextActor();
        await _world.RequestAsync(actor);
        await using var request = await _world.Sql.OpenConnectionAsync();
        await using var transaction = await request.BeginTransactionAsync();
        await using (
            var hold = new NpgsqlCommand("select pg_advisory_xact_lock_shared(hashtextextended('revocations', 0))", request, transaction)
        )
        {
            await hold.ExecuteNonQueryAsync();
        }

        var giving = _orders.PostAsync(new { principal = actor.First });
        await Eventually.Until(
            () => _world.ScalarAsync<long>("select count(*) from pg_locks where locktype = 'advisory' and not granted"),
            Is.GreaterThan(0L)
        );
        Assert.That(giving.IsCompleted, Is.False);
        await transaction.CommitAsync();

        Assert.That((await giving).Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task Should_stay_open_and_visible_while_the_target_fails()
    {
        var actor = TestCatalog.NextActor();
        var grant = await _world.ActiveAsync(actor);
        var order = await _orders.GiveAsync(new { principal = actor.First });
        await _world.ReachAsync(grant, GrantState.Revoking);

        await _orders.FailAsync(actor.First);

        var open = await Eventually.Until(() => _orders.GetAsync(order), o => (int)o["failed"]! == 1);
        Assert.That((string?)open["state"], Is.EqualTo("revoking"));
        var failure = open["failures"]!.AsArray().Single()!;
        Assert.That(((Guid)failure["grant"]!, (string?)failure["principal"]), Is.EqualTo((grant, actor.First)));
        Assert.That((string?)failure["failure"]!["message"], Is.EqualTo("connection refused"));
        Assert.That((string?)failure["failure"]!["nextAttemptAt"], Is.Not.Null);

        await _world.ObserveAsync(actor.First);
        var finished = await _orders.FinishedAsync(order);
        Assert.That(((int)finished["gone"]!, (int)finished["failed"]!, finished["failures"]), Is.EqualTo((1, 0, (JsonNode?)null)));
    }

    [Test]
    public async Task Should_end_each_grant_once_when_two_orders_name_it()
    {
        var actor = TestCatalog.NextActor();
        var grants = new[]
        {
            await _world.ActiveAsync(actor),
            await _world.ActiveAsync(actor, TestCatalog.Readonly, actor.Second),
            await _orders.AwaitingAsync(actor, TestCatalog.Writer),
        };

        var orders = await Task.WhenAll(
            _orders.GiveAsync(new { owner = actor.HumanName }),
            _orders.GiveAsync(new { owner = actor.HumanName, target = "orders-db" })
        );
        await _world.ReachAsync(grants[0], GrantState.Revoking);
        await _world.ReachAsync(grants[1], GrantState.Revoking);
        await _world.ObserveAsync(actor.First);
        await _world.ObserveAsync(actor.Second);

        foreach (var order in orders)
        {
            var finished = await _orders.FinishedAsync(order);
            Assert.That((int)finished["gone"]! + (int)finished["prevented"]!, Is.EqualTo((int)finished["matched"]!));
        }

        foreach (var grant in grants)
        {
            Assert.That(
                (await _world.EventsAsync(grant)).Count(e => e is "revocation-started.v1" or "grant-denied.v1"),
                Is.EqualTo(1),
                "ended once"
            );
            Assert.That(orders, Does.Contain(await RevocationOfAsync(grant)));
        }
    }

    [Test]
    public async Task Should_hit_what_the_owner_has_and_every_identity_of_theirs()
    {
        var (owner, other) = (TestCatalog.NextActor(), TestCatalog.NextActor());
        var first = await _world.RequestAsync(owner);
        var second = await _world.RequestAsync(owner, principal: owner.Second);
        await _world.RequestAsync(other);

        var preview = await _orders.PreviewAsync(new { owner = owner.HumanName });
        var order = await _orders.GiveAsync(new { owner = owner.HumanName });

        Assert.That(preview["grants"]!.AsArray().Select(g => (Guid)g!["id"]!), Is.EquivalentTo(new[] { first, second }));
        var (_, history) = await _world.GetAsync($"{Orders.Path}/{order}/history");
        Assert.That(
            history["events"]![0]!["data"]!["principals"]!.AsArray().Select(p => (string?)p),
            Is.EquivalentTo(new[] { owner.HumanId, owner.First, owner.Second }),
            "what was meant at that moment is on record"
        );
    }

    [Test]
    public async Task Should_be_told_to_those_who_watch()
    {
        var actor = TestCatalog.NextActor();
        await _world.RequestAsync(actor);
        var order = await _orders.GiveAsync(new { principal = actor.First });
        await _orders.FinishedAsync(order);

        var told = await Decisions.StreamReader.ReadAsync(
            _world.BusUrl,
            all => all.Any(m => (string?)m["type"] == "governance.finding.resolved.v1" && (Guid)m["subject"]! == order)
        );

        var raised = told.Single(m => (string?)m["type"] == "governance.finding.raised.v1" && (string?)m["subject"] == order.ToString());
        Assert.That((string?)raised["data"]!["finding"], Is.EqualTo("kill-switch"));
        Assert.That((string?)raised["data"]!["by"], Is.EqualTo(Orders.Operator));
        var denied = told.Single(m =>
            (string?)m["type"] == "governance.decision.recorded.v1" && (string?)m["data"]!["revocation"] == order.ToString()
        );
        Assert.That((string?)denied["data"]!["reasons"]![0], Is.EqualTo("kill-switch"));
        Assert.That(_world.Service.Log.Of("RevocationOrdered"), Is.Not.Empty);
        Assert.That(told.Select(m => m.ToJsonString()), Has.None.Contains("stolen"), "a person's words stay in the house");
    }

    private Task<Guid> RevocationOfAsync(Guid grant) =>
        _world.ScalarAsync<Guid>("select (data ->> 'revocation')::uuid from lifecycle.mt_doc_grant where id = $1", grant);
}
