using System.Net;
using Governance.Contracts.Decisions;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Machine;
using Governance.Lifecycle.Tests.Running;
using Governance.Messaging;
using Governance.Testing;
using MassTransit;
using Npgsql;

namespace Governance.Lifecycle.Tests.Retention;

/// <summary>Everything active is decided again, in the background; what has to go goes, unless it is too much at once.</summary>
public sealed class When_what_is_in_force_changes
{
    private World _world = null!;
    private Actor _actor = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync("Lifecycle:SweepGuardCount=1", "Lifecycle:SweepGuardShare=0.4");
        _actor = TestCatalog.NextActor();
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_keep_what_is_still_permitted()
    {
        var grant = await _world.ActiveAsync(_actor);
        AnswerAll(_ => Outcome.Permit);

        await _world.AnnounceAsync("sha256:bundle-2", 2);

        await FinishedAsync();
        var question = _world.Peers.Questions(grant)[^1];
        Assert.That((question.Purpose, question.Bundle), Is.EqualTo((DecisionPurpose.Retain, "sha256:bundle-2")));
        Assert.That(Answers.FactsOf(question).Request.Duration, Is.EqualTo(TimeSpan.FromHours(1)), "judged as it was given");
        var (_, view) = await _world.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["state"], Is.EqualTo("active"));
        Assert.That((string?)view["retention"]!["outcome"], Is.EqualTo("permit"));
        Assert.That((string?)view["decision"]!["bundle"], Is.EqualTo("sha256:bundle-1"), "what it was given by stays on record");
    }

    [Test]
    public async Task Should_take_away_what_is_forbidden()
    {
        var stays = await _world.ActiveAsync(_actor);
        var goes = await _world.ActiveAsync(TestCatalog.NextActor(), TestCatalog.Writer);
        AnswerAll(facts => facts.Entitlement == TestCatalog.Writer ? Outcome.Forbid : Outcome.Permit);

        await _world.AnnounceAsync("sha256:bundle-2", 2);

        await _world.ReachAsync(goes, GrantState.Revoking);
        Assert.That(await EndReasonAsync(goes), Is.EqualTo("not-retained"));
        Assert.That(await _world.StateAsync(stays), Is.EqualTo(GrantState.Active));
        await FinishedAsync();
    }

    [Test]
    public async Task Should_say_which_policy_took_it_away()
    {
        var stays = await _world.ActiveAsync(_actor);
        var goes = await _world.ActiveAsync(TestCatalog.NextActor(), TestCatalog.Writer);
        _world.Peers.Rule = command =>
            command is EvaluateAccess { Purpose: DecisionPurpose.Retain } question
                ? _world.Peers.Bus.PublishMandatoryAsync(
                    Answers.FactsOf(question).Entitlement == TestCatalog.Writer
                        ? Answers.Of(question, Outcome.Forbid, Answers.Frozen)
                        : Answers.Of(question, Outcome.Permit),
                    Guid.NewGuid()
                )
                : Task.CompletedTask;

        await _world.AnnounceAsync("sha256:bundle-2", 2);

        await _world.ReachAsync(goes, GrantState.Revoking);
        var (_, view) = await _world.GetAsync($"/v1/grants/{goes}");
        Assert.That((string?)view["retention"]!["policies"]![0], Is.EqualTo("freeze"));
        Assert.That((string?)view["retention"]!["because"]![0]!["reason"], Does.StartWith("Nothing changes"));
        var (_, history) = await _world.GetAsync($"/v1/grants/{goes}/history");
        var started = history["events"]!.AsArray().Single(e => (string?)e!["type"] == "revocation-started.v1")!["data"]!;
        Assert.That(
            ((string?)started["reason"], (string?)started["policies"]![0]),
            Is.EqualTo(("not-retained", "freeze")),
            "the record itself"
        );
        Assert.That((await _world.GetAsync($"/v1/grants/{stays}")).Body["retention"]!["because"], Is.Null);
        await FinishedAsync();
    }

    [Test]
    public async Task Should_wait_for_an_operator_when_too_much_would_go()
    {
        var grants = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _world.ActiveAsync(TestCatalog.NextActor())));
        AnswerAll(_ => Outcome.Forbid);

        await _world.AnnounceAsync("sha256:bundle-2", 2);

        var sweep = await SweepAsync("held");
        Assert.That(((int)sweep["total"]!, (int)sweep["forbidden"]!), Is.EqualTo((4, 4)));
        Assert.That(await Task.WhenAll(grants.Select(_world.StateAsync)), Is.All.EqualTo(GrantState.Active), "nothing has gone");
        Assert.That(_world.Service.Log.Of("SweepHeld"), Is.Not.Empty);
        var (ready, report) = await _world.Service.HealthAsync();
        Assert.That(ready, Is.True, "the service stays in service");
        Assert.That(report, Does.Contain($"governance sweeps confirm {sweep["id"]}").And.Contain("4 of 4"));

        var path = $"/v1/sweeps/{sweep["id"]}/confirm";
        Assert.That((await _world.PostAsync(path, null)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await _world.PostAsync(path, "svc-reporting")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await _world.PostAsync(path, "kim@example.com")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            (await _world.PostAsync(path, "kim@example.com")).Status,
            Is.EqualTo(HttpStatusCode.OK),
            "said again, it changes nothing"
        );

        foreach (var grant in grants)
        {
            await _world.ReachAsync(grant, GrantState.Revoking);
        }

        await FinishedAsync();
        Assert.That((await _world.Service.HealthAsync()).Report, Does.Not.Contain("governance sweeps"));
        Assert.That((await _world.PostAsync(path, "kim@example.com")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            (await _world.PostAsync($"/v1/sweeps/{Guid.NewGuid()}/confirm", "kim@example.com")).Status,
            Is.EqualTo(HttpStatusCode.NotFound)
        );
    }

    [Test]
    public async Task Should_be_decided_by_the_last_change_when_another_comes()
    {
        var grants = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _world.ActiveAsync(TestCatalog.NextActor())));
        AnswerAll(_ => Outcome.Forbid);
        await _world.AnnounceAsync("sha256:bundle-2", 2);
        var held = await SweepAsync("held");
        AnswerAll(_ => Outcome.Permit);

        await _world.AnnounceAsync("sha256:bundle-3", 3);

        await FinishedAsync();
        Assert.That(await Task.WhenAll(grants.Select(_world.StateAsync)), Is.All.EqualTo(GrantState.Active));
        Assert.That((string?)(await _world.GetAsync($"/v1/sweeps/{held["id"]}")).Body["state"], Is.EqualTo("superseded"));
        var (status, problem) = await _world.PostAsync($"/v1/sweeps/{held["id"]}/confirm", "kim@example.com");
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "not-held")));
    }

    /// <summary>Else a sweep would never be over where access is given all the time.</summary>
    [Test]
    public async Task Should_leave_alone_what_was_given_by_what_is_in_force_now()
    {
        var before = await _world.ActiveAsync(_actor);
        await _world.AnnounceAsync("sha256:bundle-2", 2);
        var question = await _world.Peers.QuestionAsync(before, 2, TimeSpan.FromSeconds(30));
        var after = await _world.ActiveAsync(TestCatalog.NextActor());
        var sweep = await SweepAsync("judging");
        Assert.That(((int)sweep["active"]!, (int)sweep["decided"]!), Is.EqualTo((2, 1)));

        await _world.SendAsync(Answers.Of(question, Outcome.Permit));

        await FinishedAsync();
        Assert.That(_world.Peers.Questions(after), Has.Count.EqualTo(1), "the one that gave it");
    }

    [Test]
    public async Task Should_go_on_after_a_restart_in_the_middle()
    {
        var grants = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _world.ActiveAsync(TestCatalog.NextActor())));
        await _world.AnnounceAsync("sha256:bundle-2", 2);
        foreach (var grant in grants)
        {
            await _world.Peers.QuestionAsync(grant, 2, TimeSpan.FromSeconds(30));
        }

        // One answer arrives, the others are lost with the process.
        await _world.SendAsync(Answers.Of(_world.Peers.Questions(grants[0])[^1], Outcome.Permit));
        await _world.Service.StopAsync();
        await _world.StartServiceAsync("Lifecycle:RedriveAfter=00:00:01");
        await _world.Service.ReadyAsync();
        AnswerAll(_ => Outcome.Permit);
        await Eventually.Until(
            async () =>
            {
                await _world.Service.RedriveAsync();
                return await StateOfLastAsync();
            },
            Is.EqualTo("finished"),
            TimeSpan.FromSeconds(60)
        );

        Assert.That(await Task.WhenAll(grants.Select(_world.StateAsync)), Is.All.EqualTo(GrantState.Active));
    }

    [Test]
    public async Task Should_start_only_when_no_permit_by_the_old_one_is_under_way()
    {
        await using var permit = await _world.Sql.OpenConnectionAsync();
        await using var transaction = await permit.BeginTransactionAsync();
        await using (
            var hold = new NpgsqlCommand("select pg_advisory_xact_lock_shared(hashtextextended('installation', 0))", permit, transaction)
        )
        {
            await hold.ExecuteNonQueryAsync();
        }

        var announced = _world.AnnounceAsync("sha256:bundle-2", 2);
        await Eventually.Until(
            () => _world.ScalarAsync<long>("select count(*) from pg_locks where locktype = 'advisory' and not granted"),
            Is.GreaterThan(0L)
        );
        Assert.That(
            await _world.ScalarAsync<string>("select data ->> 'bundle' from lifecycle.mt_doc_inforce"),
            Is.EqualTo("sha256:bundle-1"),
            "it waits for the permit"
        );

        await transaction.CommitAsync();
        await announced;
        await FinishedAsync();
    }

    [Test]
    public async Task Should_let_no_permit_through_while_it_changes()
    {
        var grant = await _world.RequestAsync(_actor);
        var question = await _world.Peers.QuestionAsync(grant);
        await using var change = await _world.Sql.OpenConnectionAsync();
        await using var transaction = await change.BeginTransactionAsync();
        await using (var take = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended('installation', 0))", change, transaction))
        {
            await take.ExecuteNonQueryAsync();
        }

        var answered = _world.SendAsync(Answers.Of(question, Outcome.Permit));
        await Eventually.Until(
            () =>
                _world.ScalarAsync<long>(
                    "select count(*) from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and not granted"
                ),
            Is.GreaterThan(0L)
        );
        Assert.That(await _world.StateAsync(grant), Is.EqualTo(GrantState.Evaluating), "it waits for the change");

        await transaction.CommitAsync();
        await answered;
        Assert.That(await _world.StateAsync(grant), Is.EqualTo(GrantState.Activating));
    }

    [Test]
    public async Task Should_let_the_later_of_two_go_that_conflict()
    {
        var earlier = await _world.ActiveAsync(_actor, TestCatalog.Writer);
        var later = await _world.ActiveAsync(_actor, TestCatalog.Approver, _actor.Second);
        AnswerAll(facts =>
        {
            var conflicts = facts
                .Conflicts!.Where(c => c.Entitlements.Contains(facts.Entitlement, StringComparer.Ordinal))
                .SelectMany(c => c.Entitlements);
            return facts.Actor!.Held.Intersect(conflicts, StringComparer.Ordinal).Any() ? Outcome.Forbid : Outcome.Permit;
        });

        await _world.AnnounceAsync("sha256:bundle-2", 2);

        await _world.ReachAsync(later, GrantState.Revoking);
        Assert.That(await _world.StateAsync(earlier), Is.EqualTo(GrantState.Active));
    }

    [Test]
    public async Task Should_count_as_forbidden_what_policy_can_not_decide()
    {
        var grant = await _world.ActiveAsync(_actor);
        await _world.AnnounceAsync("sha256:bundle-2", 2);
        for (var i = 0; i < GrantTransitions.MaxFaultedEvaluations; i++)
        {
            var question = await _world.Peers.QuestionAsync(grant, 2 + i, TimeSpan.FromSeconds(30));
            await _world.SendAsync<Fault<EvaluateAccess>>(new PolicyFault(question));
            _world.Clock.Advance(TimeSpan.FromMinutes(2));
            await _world.Service.RedriveAsync();
        }

        await Eventually.Until(() => EndReasonAsync(grant), Is.EqualTo("not-retained"), TimeSpan.FromSeconds(30));
        Assert.That(await _world.EventsAsync(grant), Does.Contain("retention-failed.v1"));
    }

    [Test]
    public async Task Should_not_take_away_on_an_answer_to_what_is_not_so_any_more()
    {
        var grant = await _world.ActiveAsync(_actor);
        await _world.AnnounceAsync("sha256:bundle-2", 2);
        var question = await _world.Peers.QuestionAsync(grant, 2, TimeSpan.FromSeconds(30));
        await _world.AnnounceAsync("sha256:bundle-3", 3);

        await _world.SendAsync(Answers.Of(question, Outcome.Forbid));

        Assert.That(await _world.StateAsync(grant), Is.EqualTo(GrantState.Active));
        var again = await _world.Peers.QuestionAsync(grant, 3, TimeSpan.FromSeconds(30));
        Assert.That(again.Bundle, Is.EqualTo("sha256:bundle-3"));
    }

    [Test]
    public async Task Should_be_finished_though_the_catalog_goes_on_changing()
    {
        var grant = await _world.ActiveAsync(_actor);
        await _world.AnnounceAsync("sha256:bundle-2", 2);
        await _world.Peers.QuestionAsync(grant, 2, TimeSpan.FromSeconds(30));
        var before = await _world.ScalarAsync<string>("select data ->> 'catalog' from lifecycle.mt_doc_inforce");
        await File.WriteAllTextAsync(
            Path.Combine(_world.Catalog, "more.yaml"),
            "people:\n  - { id: p-joiner, name: joiner@example.com }\n"
        );
        await Eventually.Until(
            () => _world.ScalarAsync<string>("select data ->> 'catalog' from lifecycle.mt_doc_inforce"),
            Is.Not.EqualTo(before),
            TimeSpan.FromSeconds(60)
        );
        Assert.That(
            (await _world.GetAsync("/v1/sweeps")).Body["sweeps"]!.AsArray().Select(s => (string?)s!["state"]),
            Has.None.EqualTo("superseded")
        );

        AnswerAll(_ => Outcome.Permit);
        await _world.SendAsync(Answers.Of(_world.Peers.Questions(grant)[^1], Outcome.Permit));

        await Eventually.Until(
            () => _world.ScalarAsync<long>("select count(*) from lifecycle.mt_doc_sweep where data ->> 'state' = 'finished'"),
            Is.EqualTo(3L),
            TimeSpan.FromSeconds(60)
        );
        Assert.That(
            (await _world.GetAsync("/v1/sweeps")).Body["sweeps"]!.AsArray().Select(s => (string?)s!["state"]),
            Is.All.EqualTo("finished")
        );
    }

    [Test]
    public async Task Should_not_take_away_what_is_permitted_again_by_what_is_in_force_since()
    {
        var grants = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _world.ActiveAsync(TestCatalog.NextActor())));
        AnswerAll(_ => Outcome.Forbid);
        await _world.AnnounceAsync("sha256:bundle-2", 2);
        var held = (Guid)(await SweepAsync("held"))["id"]!;
        // The next one is asked about, and nobody has answered.
        _world.Peers.Rule = null;
        await _world.AnnounceAsync("sha256:bundle-3", 3);

        await _world.SendAsync(new EndForbiddenGrant { GrantId = grants[0], Sweep = held });

        Assert.That(await _world.StateAsync(grants[0]), Is.EqualTo(GrantState.Active), "it was on its way when the mistake was taken back");
        AnswerAll(_ => Outcome.Permit);
        foreach (var grant in grants)
        {
            await Eventually.Until(() => Task.FromResult(_world.Peers.Questions(grant)[^1].Bundle), Is.EqualTo("sha256:bundle-3"));
            await _world.SendAsync(Answers.Of(_world.Peers.Questions(grant)[^1], Outcome.Permit));
        }

        await FinishedAsync();
        Assert.That(await Task.WhenAll(grants.Select(_world.StateAsync)), Is.All.EqualTo(GrantState.Active));
    }

    [Test]
    public async Task Should_be_guarded_also_when_a_ticket_changes_meanwhile()
    {
        var grants = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _world.ActiveAsync(TestCatalog.NextActor())));
        AnswerAll(_ => Outcome.Forbid);
        await _world.AnnounceAsync("sha256:bundle-2", 2);
        await SweepAsync("held");
        var asked = _world.Peers.Questions(grants[0]).Count;

        await _world.SendAsync(
            new UpdateGrantTicket
            {
                GrantId = grants[0],
                Ticket = Requests.Of(_actor).Ticket! with { State = "in progress" },
                Closed = false,
                ChangedAt = _world.Clock.Now(),
            }
        );

        await Eventually.Until(() => Task.FromResult(_world.Peers.Questions(grants[0]).Count), Is.EqualTo(asked + 1));
        await Eventually.Until(
            () => _world.ScalarAsync<bool>("select data -> 'evaluation' is null from lifecycle.mt_doc_grant where id = $1", grants[0]),
            Is.True
        );
        Assert.That(await _world.StateAsync(grants[0]), Is.EqualTo(GrantState.Active));
    }

    [Test]
    public async Task Should_come_back_to_what_was_asked_about_alone()
    {
        var grant = await _world.ActiveAsync(_actor);
        await _world.SendAsync(new ReconsiderGrant { GrantId = grant, Cause = "delegation" });
        var own = await _world.Peers.QuestionAsync(grant, 2);

        await _world.SendAsync(
            new ReconsiderGrant
            {
                GrantId = grant,
                Cause = EvaluationCause.Sweep,
                Sweep = Guid.NewGuid(),
            }
        );
        await _world.SendAsync(Answers.Of(own, Outcome.Forbid));

        Assert.That(await _world.StateAsync(grant), Is.EqualTo(GrantState.Revoking), "it takes effect at once");
    }

    [Test]
    public async Task Should_have_no_more_questions_open_than_can_be_answered_in_time()
    {
        await StopAsync();
        _world = await World.CreateAsync("Lifecycle:SweepRate=1");
        var grants = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _world.ActiveAsync(TestCatalog.NextActor())));
        int Open() => grants.Sum(g => _world.Peers.Questions(g).Count(q => q.Purpose == DecisionPurpose.Retain));

        await _world.AnnounceAsync("sha256:bundle-2", 2);

        await Eventually.Until(() => Task.FromResult(Open()), Is.EqualTo(5), TimeSpan.FromSeconds(60));
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.That(Open(), Is.EqualTo(5));
        AnswerAll(_ => Outcome.Permit);
        foreach (var question in grants.SelectMany(_world.Peers.Questions).Where(q => q.Purpose == DecisionPurpose.Retain).ToList())
        {
            await _world.SendAsync(Answers.Of(question, Outcome.Permit));
        }

        await FinishedAsync();
    }

    private void AnswerAll(Func<AccessFacts, Outcome> decide) =>
        _world.Peers.Rule = command =>
            command is EvaluateAccess { Purpose: DecisionPurpose.Retain } question
                ? _world.Peers.Bus.PublishMandatoryAsync(Answers.Of(question, decide(Answers.FactsOf(question))), Guid.NewGuid())
                : Task.CompletedTask;

    private async Task FinishedAsync() => await SweepAsync("finished");

    private async Task<System.Text.Json.Nodes.JsonNode> SweepAsync(string state)
    {
        await Eventually.Until(StateOfLastAsync, Is.EqualTo(state), TimeSpan.FromSeconds(60));
        return (await _world.GetAsync("/v1/sweeps")).Body["sweeps"]![0]!;
    }

    // Of the change that the test made: what is in force at first is swept too.
    private async Task<string?> StateOfLastAsync()
    {
        var last = (await _world.GetAsync("/v1/sweeps")).Body["sweeps"]!.AsArray();
        return last.Count > 0 && (string?)last[0]!["bundle"] == _world.Bundle ? (string?)last[0]!["state"] : null;
    }

    private Task<string?> EndReasonAsync(Guid grant) =>
        _world.ScalarAsync<string>("select data ->> 'endReason' from lifecycle.mt_doc_grant where id = $1", grant);
}
