using System.Globalization;
using Governance.Contracts.Issuance;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.Messages;

public sealed class When_the_target_is_observed : WorldFixture
{
    private Actor _actor = null!;

    [SetUp]
    public void Arrive() => _actor = TestCatalog.NextActor();

    [Test]
    public async Task Should_become_active_from_the_moment_it_was_read_back()
    {
        var grant = await World.ActivatingAsync(_actor);
        World.Clock.Advance(TimeSpan.FromSeconds(5));
        var readAt = World.Clock.Now().AddSeconds(-3);

        await World.SendTwiceAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, 1), readAt));

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["state"], Is.EqualTo("active"));
        Assert.That((string?)view["activatedAt"], Is.EqualTo(Moments.ToWire(readAt)));
        Assert.That((string?)view["expiresAt"], Is.EqualTo(Moments.ToWire(readAt.AddHours(1))));
        Assert.That((await World.EventsAsync(grant)).Count(e => e == "grant-activated.v1"), Is.EqualTo(1));
        Assert.That(await World.RevisionsAsync(_actor.First), Is.EqualTo(new[] { 1L, 2L }));
        Assert.That(
            (await Peers.HoldingAsync(_actor.First, 2)).Leases.Single().Until,
            Is.EqualTo(readAt.AddHours(1)),
            "the target is told the end that is known now"
        );
    }

    [TestCase(600, TestName = "Should_count_from_the_order_when_the_clock_of_issuance_is_ahead")]
    [TestCase(-600, TestName = "Should_count_from_the_order_when_the_clock_of_issuance_is_behind")]
    public async Task Should_count_from_the_order(int seconds)
    {
        var grant = await World.ActivatingAsync(_actor);
        var ordered = await OrderedAsync(grant);
        World.Clock.Advance(TimeSpan.FromSeconds(5));

        await World.SendAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, 1), World.Clock.Now().AddSeconds(seconds)));

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["activatedAt"], Is.EqualTo(Moments.ToWire(ordered)));
        Assert.That((string?)view["expiresAt"], Is.EqualTo(Moments.ToWire(ordered.AddHours(1))));
        Assert.That((await Peers.HoldingAsync(_actor.First, 2)).Leases.Single().Until, Is.EqualTo(ordered.AddHours(1)));
        Assert.That(World.Service.Log.Of("ClocksDiffer").Any(l => l.Message.Contains(grant.ToString(), StringComparison.Ordinal)));
    }

    [Test]
    public async Task Should_count_from_when_it_was_first_read_back_however_late_that_is_heard()
    {
        var grant = await World.ActivatingAsync(_actor);
        World.Clock.Advance(TimeSpan.FromSeconds(5));
        var first = World.Clock.Now();
        World.Clock.Advance(TimeSpan.FromSeconds(40));
        var command = await Peers.HoldingAsync(_actor.First, 1);

        await World.SendAsync(Answers.Observed(command, World.Clock.Now()) with { FirstObservedAt = first });

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["activatedAt"], Is.EqualTo(Moments.ToWire(first)));
        Assert.That((string?)view["expiresAt"], Is.EqualTo(Moments.ToWire(first.AddHours(1))));
    }

    [TestCase(600, TestName = "Should_be_gone_when_it_is_heard_if_the_clock_of_issuance_is_ahead")]
    [TestCase(-600, TestName = "Should_be_gone_when_it_is_heard_if_the_clock_of_issuance_is_behind")]
    public async Task Should_be_gone_when_it_is_heard(int seconds)
    {
        var grant = await World.ActiveAsync(_actor);
        await World.CommandAsync(grant, "revoke", "kim@example.com");
        var command = await Peers.HoldingAsync(_actor.First, 3);
        World.Clock.Advance(TimeSpan.FromSeconds(5));
        var before = World.Clock.Now();

        await World.SendAsync(Answers.Observed(command, World.Clock.Now().AddSeconds(seconds)));

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["state"], Is.EqualTo("ended"));
        Assert.That(DateTimeOffset.Parse((string)view["endedAt"]!, CultureInfo.InvariantCulture), Is.InRange(before, World.Clock.Now()));
    }

    [Test]
    public async Task Should_be_gone_since_it_was_first_read_back_however_late_that_is_heard()
    {
        var grant = await World.ActiveAsync(_actor);
        await World.CommandAsync(grant, "revoke", "kim@example.com");
        var command = await Peers.HoldingAsync(_actor.First, 3);
        World.Clock.Advance(TimeSpan.FromSeconds(2));
        var gone = World.Clock.Now();
        World.Clock.Advance(TimeSpan.FromSeconds(40));

        await World.SendAsync(Answers.Observed(command, World.Clock.Now()) with { FirstObservedAt = gone });

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["endedAt"], Is.EqualTo(Moments.ToWire(gone)));
    }

    private async Task<HoldingObserved> RereadAsync(long revision, bool direct) =>
        Answers.Observed(await Peers.HoldingAsync(_actor.First, revision), World.Clock.Now(), direct) with
        {
            Reread = true,
        };

    private Task<long> LedgerVersionAsync() => World.VersionAsync(NameBasedUuid.ForPrincipal(_actor.First));

    private async Task<DateTimeOffset> OrderedAsync(Guid grant) =>
        DateTimeOffset.Parse(
            (
                await World.ScalarAsync<string>(
                    "select data ->> 'at' from lifecycle.mt_events where stream_id = $1 and type = 'activation-started.v1'",
                    grant
                )
            )!,
            CultureInfo.InvariantCulture
        );

    [Test]
    public async Task Should_not_move_by_an_answer_to_a_lower_revision()
    {
        var grant = await World.ActiveAsync(_actor);
        await World.CommandAsync(grant, "revoke", "kim@example.com");
        await Peers.HoldingAsync(_actor.First, 3);

        // Absent, but read before it was asked to be.
        await World.SendAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, 2), World.Clock.Now(), direct: false));
        await World.SendAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, 1), World.Clock.Now(), direct: false));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Revoking));

        await World.SendTwiceAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, 3), World.Clock.Now()));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Ended));
        Assert.That((await World.EventsAsync(grant)).Count(e => e == "grant-ended.v1"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_not_believe_an_answer_that_contradicts_what_is_desired()
    {
        var grant = await World.ActiveAsync(_actor);
        await World.CommandAsync(grant, "revoke", "kim@example.com");
        var version = await World.VersionAsync(NameBasedUuid.ForPrincipal(_actor.First));

        await World.SendAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, 3), World.Clock.Now(), direct: true));

        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Revoking));
        Assert.That(await World.VersionAsync(NameBasedUuid.ForPrincipal(_actor.First)), Is.EqualTo(version));
    }

    [Test]
    public async Task Should_write_down_that_issuance_ended_it_and_alert()
    {
        var grant = await World.ActiveAsync(_actor);
        var gone = Answers.Observed(await Peers.HoldingAsync(_actor.First, 2), World.Clock.Now(), direct: false) with { Overdue = true };
        var ledger = await World.VersionAsync(NameBasedUuid.ForPrincipal(_actor.First));

        await World.SendTwiceAsync(gone);

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["state"], Is.EqualTo("active"), "its end is still to come from what ends grants");
        Assert.That((string?)view["holding"]!["observed"], Is.EqualTo("absent"));
        Assert.That(await World.VersionAsync(NameBasedUuid.ForPrincipal(_actor.First)), Is.EqualTo(ledger + 1));
        Assert.That(World.Service.Log.Of("EndedByIssuance"), Is.Not.Empty);

        await World.CommandAsync(grant, "revoke", "kim@example.com");
        await World.SendAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, 3), World.Clock.Now()));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Ended));
    }

    [Test]
    public async Task Should_say_that_access_was_taken_away_at_the_target_and_alert()
    {
        var grant = await World.ActiveAsync(_actor);
        await World.ObserveAsync(_actor.First);
        World.Clock.Advance(TimeSpan.FromMinutes(5));
        var missing = await RereadAsync(2, direct: false);
        var ledger = await LedgerVersionAsync();

        await World.SendTwiceAsync(missing);

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["state"], Is.EqualTo("active"), "whether it is given again or ended is for people to say");
        Assert.That((string?)view["holding"]!["desired"], Is.EqualTo("present"));
        Assert.That((string?)view["holding"]!["observed"], Is.EqualTo("absent"));
        Assert.That((string?)view["holding"]!["observedAt"], Is.EqualTo(Moments.ToWire(missing.ObservedAt)));
        Assert.That(await LedgerVersionAsync(), Is.EqualTo(ledger + 1));
        Assert.That(
            World.Service.Log.Of("AccessTakenAwayAtTarget").Count(l => l.Message.Contains(grant.ToString(), StringComparison.Ordinal)),
            Is.EqualTo(1)
        );

        await World.CommandAsync(grant, "revoke", "kim@example.com");
        await World.SendAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, 3), World.Clock.Now()));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Ended));
    }

    [Test]
    public async Task Should_keep_in_the_history_what_somebody_did_at_the_target()
    {
        var grant = await World.ActiveAsync(_actor);
        await World.ObserveAsync(_actor.First);
        foreach (var direct in new[] { true, false, false, true })
        {
            World.Clock.Advance(TimeSpan.FromMinutes(40));
            await World.SendAsync(await RereadAsync(2, direct));
        }

        await World.CommandAsync(grant, "revoke", "kim@example.com");
        await World.SendAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, 3), World.Clock.Now()));
        await World.ReachAsync(grant, GrantState.Ended);
        await World.ActiveAsync(_actor);

        var (_, history) = await World.GetAsync($"/v1/grants/{grant}/history");

        var seen = history["related"]!.AsArray().Where(e => (string?)e!["type"] == "holding-confirmed.v1").Select(e => e!).ToList();
        Assert.That(seen.Select(e => (bool)e["data"]!["direct"]!).Distinct(), Is.EquivalentTo(new[] { true, false }));
        Assert.That(
            seen.Where(e => (bool?)e["data"]!["reread"] == true).Select(e => (bool)e["data"]!["direct"]!),
            Is.EqualTo(new[] { false, true }),
            "taken away and given again by hand, and what had not changed is left out"
        );
        Assert.That((bool)seen[^1]["data"]!["direct"]!, Is.False, "the end, and nothing of what was given after it");
        Assert.That(seen.Select(e => (string?)e["stream"]), Is.All.EqualTo("ledger"));
    }

    [Test]
    public async Task Should_say_that_what_is_there_is_less_than_was_granted()
    {
        var grant = await World.ActivatingAsync(_actor);
        string[] topics = ["at the exchange orders: write=^a$ read=^$"];
        await World.SendAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, 1), World.Clock.Now()) with { Narrowed = topics });
        await World.ReachAsync(grant, GrantState.Active);

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That(view["holding"]!["narrowed"]!.AsArray().Select(n => (string?)n), Is.EqualTo(topics));
        var (_, page) = await World.GetAsync($"/v1/grants?principal={_actor.First}");
        Assert.That(page["grants"]![0]!["holding"]!["narrowed"]!.AsArray(), Has.Count.EqualTo(1));

        World.Clock.Advance(TimeSpan.FromMinutes(1));
        await World.ObserveAsync(_actor.First);
        Assert.That((await World.GetAsync($"/v1/grants/{grant}")).Body["holding"]!["narrowed"], Is.Null, "somebody has put that right");
        World.Clock.Advance(TimeSpan.FromMinutes(1));
        await World.SendTwiceAsync(await RereadAsync(2, direct: true) with { Narrowed = topics });

        (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That(view["holding"]!["narrowed"]!.AsArray(), Has.Count.EqualTo(1), "set up while nothing was asked for");
    }

    [Test]
    public async Task Should_say_that_it_is_there_again()
    {
        var grant = await World.ActiveAsync(_actor);
        await World.ObserveAsync(_actor.First);
        World.Clock.Advance(TimeSpan.FromMinutes(5));
        await World.SendAsync(await RereadAsync(2, direct: false));
        World.Clock.Advance(TimeSpan.FromMinutes(5));
        var back = await RereadAsync(2, direct: true);

        await World.SendTwiceAsync(back);

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["holding"]!["observed"], Is.EqualTo("present"));
        Assert.That((string?)view["holding"]!["observedAt"], Is.EqualTo(Moments.ToWire(back.ObservedAt)));
    }

    [Test]
    public async Task Should_not_go_back_to_what_was_seen_before_it_was_read_again()
    {
        var grant = await World.ActiveAsync(_actor);
        World.Clock.Advance(TimeSpan.FromMinutes(5));
        var before = Answers.Observed(await Peers.HoldingAsync(_actor.First, 2), World.Clock.Now());
        World.Clock.Advance(TimeSpan.FromMinutes(5));
        await World.SendAsync(await RereadAsync(2, direct: false));

        await World.SendTwiceAsync(before);

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["holding"]!["observed"], Is.EqualTo("absent"));
    }

    [Test]
    public async Task Should_take_no_look_for_an_answer_to_what_is_asked_for_by_now()
    {
        var grant = await World.ActiveAsync(_actor);
        await World.ObserveAsync(_actor.First);
        World.Clock.Advance(TimeSpan.FromMinutes(5));
        var before = await RereadAsync(2, direct: false);
        await World.CommandAsync(grant, "revoke", "kim@example.com");
        var ledger = await LedgerVersionAsync();

        await World.SendAsync(before);

        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Revoking));
        Assert.That(await LedgerVersionAsync(), Is.EqualTo(ledger));
    }

    [Test]
    public async Task Should_record_now_and_then_that_it_is_still_there()
    {
        var grant = await World.ActiveAsync(_actor);
        await World.ObserveAsync(_actor.First);
        var ledger = await LedgerVersionAsync();
        World.Clock.Advance(TimeSpan.FromMinutes(5));
        await World.SendAsync(await RereadAsync(2, direct: true));
        Assert.That(await LedgerVersionAsync(), Is.EqualTo(ledger), "that is no news");

        World.Clock.Advance(TimeSpan.FromMinutes(35));
        var later = await RereadAsync(2, direct: true);
        await World.SendTwiceAsync(later);

        Assert.That(await LedgerVersionAsync(), Is.EqualTo(ledger + 1));
        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["holding"]!["observed"], Is.EqualTo("present"));
        Assert.That((string?)view["holding"]!["observedAt"], Is.EqualTo(Moments.ToWire(later.ObservedAt)));
    }

    [Test]
    public async Task Should_answer_an_older_observation_after_a_newer_with_nothing()
    {
        var grant = await World.ActiveAsync(_actor);
        var late = Answers.Observed(await Peers.HoldingAsync(_actor.First, 1), World.Clock.Now());
        await World.ObserveAsync(_actor.First);
        var (version, ledger) = (await World.VersionAsync(grant), await World.VersionAsync(NameBasedUuid.ForPrincipal(_actor.First)));

        await World.SendAsync(late);
        await World.ObserveAsync(_actor.First);

        Assert.That(await World.VersionAsync(grant), Is.EqualTo(version));
        Assert.That(await World.VersionAsync(NameBasedUuid.ForPrincipal(_actor.First)), Is.EqualTo(ledger));
    }

    [Test]
    public async Task Should_continue_above_what_issuance_knows()
    {
        var grant = await World.ActivatingAsync(_actor);
        var known = Answers.Observed(await Peers.HoldingAsync(_actor.First, 1), World.Clock.Now()) with { Revision = 40 };

        await World.SendAsync(known);
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Activating), "it may be about something that a lost ledger knew");
        var again = await Peers.HoldingAsync(_actor.First, 41);
        Assert.That(again.Leases.Select(l => l.GrantId), Is.EqualTo(new[] { grant }));

        await World.SendAsync(Answers.Observed(again, World.Clock.Now()));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Active));
    }

    [Test]
    public async Task Should_ignore_what_no_ledger_has()
    {
        Assert.That(
            await World.SendAsync(
                new HoldingObserved
                {
                    Principal = _actor.First,
                    Entitlement = TestCatalog.Readonly,
                    Revision = 3,
                    Direct = true,
                    Effective = true,
                    ObservedAt = World.Clock.Now(),
                }
            ),
            Is.Null
        );

        Assert.That(await World.VersionAsync(NameBasedUuid.ForPrincipal(_actor.First)), Is.Zero);
    }

    [Test]
    public async Task Should_fail_to_revoke_visibly_and_heal()
    {
        var grant = await World.ActiveAsync(_actor);
        await World.CommandAsync(grant, "revoke", "kim@example.com");
        var command = await Peers.HoldingAsync(_actor.First, 3);

        await World.SendTwiceAsync(Answers.Failed(command, World.Clock.Now()));
        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["state"], Is.EqualTo("revoke-failed"));
        Assert.That((string?)view["failure"]!["code"], Is.EqualTo("unreachable"));
        Assert.That((await World.EventsAsync(grant)).Count(e => e == "revocation-attempt-failed.v1"), Is.EqualTo(1));
        Assert.That(World.Service.Log.Of("RevokeFailing").Any(l => l.Message.Contains(grant.ToString(), StringComparison.Ordinal)));

        await World.SendAsync(Answers.Observed(command, World.Clock.Now()));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Ended));
        var version = await World.VersionAsync(grant);
        await World.SendAsync(Answers.Failed(command, World.Clock.Now(), attempt: 2));
        Assert.That(await World.VersionAsync(grant), Is.EqualTo(version));
    }

    [Test]
    public async Task Should_not_fill_the_history_while_a_target_is_down()
    {
        var grant = await World.ActivatingAsync(_actor);
        var command = await Peers.HoldingAsync(_actor.First, 1);
        for (var attempt = 1; attempt <= 20; attempt++)
        {
            await World.SendAsync(Answers.Failed(command, World.Clock.Now(), attempt));
        }

        Assert.That(
            (await World.EventsAsync(grant)).Count(e => e == "activation-attempt-failed.v1"),
            Is.EqualTo(5),
            "attempts 1, 2, 4, 8, 16"
        );
    }

    [Test]
    public async Task Should_say_of_an_attempt_that_is_not_recorded_which_it_was_and_when_the_next_is()
    {
        var grant = await World.ActivatingAsync(_actor);
        var command = await Peers.HoldingAsync(_actor.First, 1);
        HoldingFailed? third = null;
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            World.Clock.Advance(TimeSpan.FromMinutes(6));
            third = Answers.Failed(command, World.Clock.Now(), attempt);
            await World.SendAsync(third);
        }

        await World.SendAsync(Answers.Failed(command, World.Clock.Now().AddMinutes(-6), attempt: 2));
        Assert.That(await FailureAsync(), Is.EqualTo((3, (DateTimeOffset?)third!.NextAttemptAt)));
        Assert.That((await World.EventsAsync(grant)).Count(e => e == "activation-attempt-failed.v1"), Is.EqualTo(2));
        var (_, listed) = await World.GetAsync($"/v1/grants?principal={_actor.First}");
        Assert.That((DateTimeOffset)listed["grants"]![0]!["failure"]!["nextAttemptAt"]!, Is.EqualTo(third.NextAttemptAt));

        World.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.That(await FailureAsync(), Is.EqualTo((3, (DateTimeOffset?)null)), "It is under way.");

        await World.SendAsync(Answers.Observed(command, World.Clock.Now()));
        Assert.That((await World.GetAsync($"/v1/grants/{grant}")).Body["failure"], Is.Null);
        await World.CommandAsync(grant, "revoke", "kim@example.com");
        var removal = await Peers.HoldingAsync(_actor.First, 3);
        await World.SendAsync(Answers.Failed(removal, World.Clock.Now()));
        Assert.That((await FailureAsync()).Attempt, Is.EqualTo(1), "of another thing");

        async Task<(int Attempt, DateTimeOffset? Next)> FailureAsync()
        {
            var failure = (await World.GetAsync($"/v1/grants/{grant}")).Body["failure"]!;
            return ((int)failure["attempt"]!, (DateTimeOffset?)failure["nextAttemptAt"]);
        }
    }

    [Test]
    public async Task Should_be_asked_again_when_the_answer_is_missing()
    {
        var grant = await World.ActivatingAsync(_actor);
        await Peers.HoldingAsync(_actor.First, 1);
        var asked = Peers.Holdings(_actor.First).Count;
        World.Clock.Advance(TimeSpan.FromSeconds(31));

        await World.Service.RedriveAsync();

        await Testing.Eventually.Until(() => Task.FromResult(Peers.Holdings(_actor.First).Count), Is.EqualTo(asked + 1));
        Assert.That(Peers.Holdings(_actor.First).Select(h => h.Revision), Is.All.EqualTo(1));
        Assert.That(await World.StateAsync(grant), Is.EqualTo(GrantState.Activating));
    }
}
