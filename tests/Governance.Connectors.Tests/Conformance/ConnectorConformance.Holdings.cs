using Governance.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Governance.Connectors.Tests.Conformance;

// What a change has to do when nothing is in its way.
public abstract partial class ConnectorConformance
{
    [Test]
    public async Task Should_be_who_it_was_and_let_access_be_taken_away()
    {
        var place = await CreatePlaceAsync();
        var preflight = await Connector.PreflightAsync([new(place.Account, place.Privilege)], CancellationToken.None);
        Assert.That(preflight.Obstacles, Is.Empty);
        Assert.That(preflight.Places, Is.Empty);
        Assert.That((await ReadAsync(place)).Identity, Is.EqualTo(preflight.Identity), "absent");

        await ApplyAsync(Wanted(place, 1));
        Assert.That((await ReadAsync(place)).Identity, Is.EqualTo(preflight.Identity), "present");
        Assert.That(
            (await Connect().PreflightAsync([], CancellationToken.None)).Identity,
            Is.EqualTo(preflight.Identity),
            "another process"
        );
    }

    [Test]
    public async Task Should_give_and_take_away()
    {
        var place = await CreatePlaceAsync();
        await AssertHasAsync(place, expected: false);

        await ApplyAsync(Wanted(place, 1));
        await AssertHasAsync(place, expected: true);
        var there = await ReadAsync(place);
        Assert.That(there.Effective, Is.True);

        await ApplyAsync(Unwanted(place, 2));
        await AssertHasAsync(place, expected: false);
        var gone = await ReadAsync(place);
        Assert.That(
            (gone.Effective, gone.Paths, gone.Marker, gone.Until),
            Is.EqualTo((false, Array.Empty<string>(), (string?)null, (DateTimeOffset?)null))
        );
        Assert.That(gone.ObservedAt, Is.GreaterThanOrEqualTo(there.ObservedAt).And.LessThanOrEqualTo(Moments.Now(TimeProvider.System)));
    }

    [Test]
    public async Task Should_do_again_what_is_done_already()
    {
        var place = await CreatePlaceAsync();
        var other = Connect();
        for (var i = 0; i < 3; i++)
        {
            await ApplyAsync(Wanted(place, 1));
            await ApplyAsync(Wanted(place, 1), other);
            await AssertHasAsync(place, expected: true);
        }

        for (var i = 0; i < 3; i++)
        {
            await ApplyAsync(Unwanted(place, 2));
            await ApplyAsync(Unwanted(place, 2), other);
            await AssertHasAsync(place, expected: false);
        }

        await ApplyAsync(Wanted(place, 3));
        await AssertHasAsync(place, expected: true);
    }

    [Test]
    public async Task Should_give_back_what_somebody_else_took_away()
    {
        var place = await CreatePlaceAsync();
        await ApplyAsync(Wanted(place, 1));
        await Target.TakeAsync(place.Account, place.Privilege);
        await AssertHasAsync(place, expected: false);
        await ApplyAsync(Wanted(place, 1));
        await AssertHasAsync(place, expected: true);
    }

    [Test]
    public async Task Should_find_nothing_left_of_what_was_dropped()
    {
        var place = await CreatePlaceAsync();
        await ApplyAsync(Wanted(place, 1));
        await Target.DropPrivilegeAsync(place.Privilege);
        await ApplyAsync(Unwanted(place, 2));
        await AssertHasAsync(place, expected: false, "the privilege was dropped");

        var other = await CreatePlaceAsync();
        await ApplyAsync(Wanted(other, 1));
        await Target.DropAccountAsync(other.Account);
        await ApplyAsync(Unwanted(other, 2));
        await AssertHasAsync(other, expected: false, "the account was dropped");
    }

    [Test]
    public async Task Should_find_what_was_there_before()
    {
        var place = await CreatePlaceAsync();
        await Target.GiveAsync(place.Account, place.Privilege);
        if (Connector.Capabilities.AccountPerGrant)
        {
            // The account's own access is no grant's: it stays, and is told as another path.
            await ApplyAsync(Wanted(place, 1));
            await ApplyAsync(Unwanted(place, 2));
            var observed = await ReadAsync(place);
            Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, true)));
            Assert.That(observed.Paths, Is.Not.Empty);
            return;
        }

        await AssertHasAsync(place, expected: true);
        await ApplyAsync(Wanted(place, 1));
        await AssertHasAsync(place, expected: true);
        await ApplyAsync(Unwanted(place, 2));
        await AssertHasAsync(place, expected: false);
    }

    [Test]
    public async Task Should_tell_of_an_account_that_does_not_exist()
    {
        var place = await CreatePlaceAsync();
        await Target.DropAccountAsync(place.Account);
        await AssertIsUnknownAsync(place, ConnectorErrors.UnknownAccount, Target.KnowsAccounts);
    }

    [Test]
    public async Task Should_tell_of_a_privilege_that_does_not_exist()
    {
        var place = await CreatePlaceAsync();
        await Target.DropPrivilegeAsync(place.Privilege);
        await AssertIsUnknownAsync(place, ConnectorErrors.UnknownPrivilege, Target.KnowsPrivileges);
    }

    [Test]
    public async Task Should_send_nothing_when_the_time_is_over()
    {
        var place = await CreatePlaceAsync();
        var clock = new FakeTimeProvider();
        var deadline = AttemptDeadline.After(clock, TimeSpan.FromSeconds(5));
        clock.Advance(TimeSpan.FromSeconds(5));
        // A target that is down would be noticed if it was asked.
        Target.Faults.Refuse();
        foreach (var desired in new[] { Wanted(place, 1), Unwanted(place, 2) })
        {
            var outcome = await TryAsync(desired, deadline, CancellationToken.None);
            Assert.That((outcome.Failure?.Code, outcome.Failure?.MayHaveHappened), Is.EqualTo((ConnectorErrors.Timeout, false)));
        }

        Target.Faults.Heal();
        await AssertHasAsync(place, expected: false);
    }

    [Test]
    public async Task Should_keep_a_lower_revision_out_where_it_can()
    {
        var place = await CreatePlaceAsync();
        await ApplyAsync(Unwanted(place, 5));
        var outcome = await TryAsync(Wanted(place, 4));
        if (Connector.Capabilities.Fencing)
        {
            Assert.That((outcome.Failure?.Code, outcome.Failure?.MayHaveHappened), Is.EqualTo((ConnectorErrors.Refused, false)));
            await AssertHasAsync(place, expected: false);
            await ApplyAsync(Wanted(place with { Holder = Guid.NewGuid() }, 1));
            await AssertHasAsync(place, expected: true, "revisions of another holder are others");
        }

        await ApplyAsync(Unwanted(place, 5));
        await AssertHasAsync(place, expected: false);
        await ApplyAsync(Wanted(place, 6));
        await AssertHasAsync(place, expected: true);
    }

    [Test]
    public async Task Should_end_by_itself_where_it_can_and_never_too_early()
    {
        var place = await CreatePlaceAsync();
        var until = Moments.Now(TimeProvider.System).AddSeconds(4);
        var desired = Wanted(place, 1) with { Leases = [new(place.Holder, until)] };
        await ApplyAsync(desired);
        if (!Connector.Capabilities.NativeEnd)
        {
            Assert.That((await ReadAsync(place)).Until, Is.Null);
            return;
        }

        Assert.That((await ReadAsync(place)).Until, Is.InRange(until, until + Target.NativeEndSkew));
        await ApplyAsync(desired with { Revision = 2, Leases = [new(place.Holder, until.AddHours(1))] });
        Assert.That((await ReadAsync(place)).Until, Is.InRange(until.AddHours(1), until.AddHours(1) + Target.NativeEndSkew));
        await ApplyAsync(desired with { Revision = 3 });
        Assert.That((await ReadAsync(place)).Until, Is.InRange(until, until + Target.NativeEndSkew));
        Assert.That(TimeProvider.System.GetUtcNow(), Is.LessThan(until), "This machine is too slow for the test.");

        // The clock of the target is this machine's.
        var seen = await Eventually.Until(
            async () => (Has: await Target.HasAsync(place.Account, place.Privilege), At: TimeProvider.System.GetUtcNow()),
            look => !look.Has,
            Target.NativeEndSkew + TimeSpan.FromSeconds(30)
        );
        Assert.That(seen.At, Is.GreaterThanOrEqualTo(until));
    }

    [Test]
    public async Task Should_list_what_is_there_whoever_made_it()
    {
        var before = TimeProvider.System.GetUtcNow();
        var ours = await CreatePlaceAsync("ours");
        await ApplyAsync(Wanted(ours, 1));
        var foreign = new List<Place>();
        for (var i = 0; i < 5; i++)
        {
            foreign.Add(await CreatePlaceAsync("foreign"));
            await Target.GiveAsync(foreign[i].Account, foreign[i].Privilege);
        }

        var found = await ListAsync();
        foreach (var place in foreign.Append(ours))
        {
            Assert.That(
                found.Count(item => item.Account == place.Account && item.Privilege == place.Privilege),
                Is.EqualTo(1),
                place.ToString()
            );
        }

        Assert.That(
            (await Target.AllAsync()).Select(held => (held.Account, held.Privilege)),
            Is.EquivalentTo(foreign.Append(ours).Select(place => (place.Account, place.Privilege)))
        );
        Assert.That(found.Select(item => (item.Account, item.Privilege, item.Marker)), Is.Unique);
        var again = await ListAsync();
        Assert.That(again.Where(found.Contains), Is.EqualTo(found.Where(again.Contains)), "The order is fixed.");

        var page = await Connector.ListAsync(null, CancellationToken.None);
        Assert.That(page.AsOf, Is.InRange(Moments.Truncate(before), Moments.Now(TimeProvider.System)));
        await ApplyAsync(Unwanted(ours, 2));
        Assert.That((await ListAsync()).Where(item => item.Account == ours.Account), Is.Empty);
        Assert.That((await Target.AllAsync()).Where(held => held.Account == ours.Account), Is.Empty);
    }

    [TestCase("")]
    [TestCase("not a token")]
    [TestCase("eyJhIjoxfQ")]
    public void Should_refuse_a_page_token_of_somebody_else(string token) =>
        Assert.That(() => Connector.ListAsync(token, CancellationToken.None), Throws.ArgumentException);

    [Test]
    public void Should_say_what_is_wrong_with_settings_and_no_secret()
    {
        Assert.That(Registration.Validate(Settings(Target.ConnectionString)), Is.Empty);
        string[] wrong = ["hunter2", "hunter2=", "=hunter2;", Target.ConnectionString + ";Hunter=hunter2", ""];
        foreach (var connectionString in wrong)
        {
            var errors = Registration.Validate(Settings(connectionString)).ToList();
            Assert.That(errors, Is.Not.Empty, connectionString);
            Assert.That(errors, Has.None.Contains("hunter2"));
            errors.ForEach(TellsNothing);
        }
    }

    private async Task AssertIsUnknownAsync(Place place, string code, bool known)
    {
        var observed = await ReadAsync(place);
        Assert.That((observed.Direct, observed.Effective), Is.EqualTo((false, false)));
        await ApplyAsync(Unwanted(place, 1));
        var outcome = await TryAsync(Wanted(place, 2));
        if (known)
        {
            Assert.That((outcome.Failure?.Code, outcome.Failure?.MayHaveHappened), Is.EqualTo((code, false)), outcome.ToString());
            await AssertHasAsync(place, expected: false);
        }
        else
        {
            Assert.That(outcome.Succeeded, Is.True, outcome.ToString());
        }

        await ApplyAsync(Unwanted(place, 3));
        await AssertHasAsync(place, expected: false);
    }
}
