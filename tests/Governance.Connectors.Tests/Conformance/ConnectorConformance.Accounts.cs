using Governance.Targets;
using Governance.Testing;

namespace Governance.Connectors.Tests.Conformance;

// Accounts of grants, their credentials, and sessions.
public abstract partial class ConnectorConformance
{
    [Test]
    public async Task Should_have_exactly_the_accounts_of_the_leases()
    {
        var place = await CreatePlaceAsync();
        Guid[] grants = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        Guid[][] steps =
        [
            [grants[0]],
            [grants[0], grants[1]],
            [grants[1], grants[2]],
            [grants[2], grants[0]],
            [],
        ];
        var known = new Dictionary<Guid, string>();
        for (var i = 0; i < steps.Length; i++)
        {
            var desired = steps[i].Length == 0 ? Unwanted(place, i + 1) : Wanted(place, i + 1, steps[i]);
            await ApplyAsync(desired);
            var observed = await ReadAsync(place);
            if (!Connector.Capabilities.AccountPerGrant)
            {
                Assert.That(observed.Accounts, Is.Null);
                continue;
            }

            Assert.That(observed.Accounts!.Select(account => account.Grant), Is.EquivalentTo(steps[i]));
            Assert.That(observed.Accounts!.Select(account => account.Grant), Is.Ordered);
            foreach (var account in observed.Accounts!)
            {
                known[account.Grant] = account.Name;
            }

            foreach (var (grant, name) in known)
            {
                Assert.That(await Target.ExistsAsync(name), Is.EqualTo(steps[i].Contains(grant)), name);
            }
        }

        await AssertHasAsync(place, expected: false);
    }

    [Test]
    public async Task Should_bear_changes_of_the_accounts_at_once()
    {
        var place = await CreatePlaceAsync();
        Guid[] grants = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        IConnector[] replicas = [Connector, Connect()];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ApplyAsync(Wanted(place, 1, grants), replicas[i % 2])));
        await ApplyAsync(Wanted(place, 2, grants[..2]));

        await AssertHasAsync(place, expected: true);
        if (Connector.Capabilities.AccountPerGrant)
        {
            Assert.That((await ReadAsync(place)).Accounts!.Select(account => account.Grant), Is.EquivalentTo(grants[..2]));
        }
    }

    [Test]
    public async Task Should_make_a_credential_only_when_it_is_asked_for()
    {
        var place = await CreatePlaceAsync();
        Guid[] grants = [Guid.NewGuid(), Guid.NewGuid()];
        if (!Connector.Capabilities.AccountPerGrant)
        {
            Assert.That(await ApplyAsync(Wanted(place, 1, grants)), Is.Empty);
            return;
        }

        var first = await AskAsync(place, 1, grants, grants[0]);
        Assert.That(await OpensAsync(first, place), Is.True);
        Assert.That(await ApplyAsync(Wanted(place, 2, grants)), Is.Empty);
        Assert.That(await OpensAsync(first, place), Is.True, "Nobody asked for another one.");

        var second = await AskAsync(place, 3, grants, grants[0]);
        Assert.That(await OpensAsync(second, place), Is.True);
        Assert.That(await OpensAsync(first, place), Is.False, "It was replaced.");

        var other = await AskAsync(place, 4, grants, grants[1]);
        Assert.That(await OpensAsync(other, place), Is.True);
        Assert.That(await OpensAsync(second, place), Is.True, "The other grant's was asked for.");

        await ApplyAsync(Wanted(place, 5, grants[1]));
        Assert.That(await OpensAsync(second, place), Is.False, "Its grant has ended.");
        Assert.That(await OpensAsync(other, place), Is.True);
        await ApplyAsync(Unwanted(place, 6));
        Assert.That(await OpensAsync(other, place), Is.False);
    }

    [Test]
    public async Task Should_make_the_credential_again_when_the_answer_was_lost()
    {
        if (!Connector.Capabilities.AccountPerGrant)
        {
            Assert.That((await ReadAsync(await CreatePlaceAsync())).Accounts, Is.Null);
            return;
        }

        foreach (var step in Target.Faults.Giving)
        {
            var place = await CreatePlaceAsync();
            var grant = Guid.NewGuid();
            await StrikeAsync(step, Target.Faults.HangAfter, () => Asking(place, 1, [grant], grant));
            Assert.That(await OpensAsync(await AskAsync(place, 1, [grant], grant), place), Is.True, step);
        }
    }

    [Test]
    public async Task Should_end_what_is_open_with_the_access()
    {
        var place = await CreatePlaceAsync();
        await using var session = await BeginAsync(place);
        if (session is null)
        {
            Assert.That(Connector.Capabilities.Sessions, Is.False);
            return;
        }

        Assert.That(await session.WorksAsync(), Is.True);
        await ApplyAsync(Unwanted(place, 2));
        await AssertHasAsync(place, expected: false);
        Assert.That(await session.WorksAsync(), Is.False);
    }

    [Test]
    public async Task Should_leave_alone_what_others_have_open()
    {
        var place = await CreatePlaceAsync();
        var other = await CreatePlaceAsync();
        await using var session = await BeginAsync(other);
        await ApplyAsync(Wanted(place, 1));
        await ApplyAsync(Unwanted(place, 2));
        await ApplyAsync(Wanted(other, 2, Grant(other)));

        await AssertHasAsync(other, expected: true);
        Assert.That(session is null || await session.WorksAsync(), Is.True);
    }

    private static Guid Grant(Place place) => place.Holder;

    private static DesiredHolding Asking(Place place, long revision, Guid[] grants, Guid asked) =>
        Wanted(place, revision, grants) with
        {
            CredentialsFor = new HashSet<Guid> { asked },
        };

    private async Task<Credential> AskAsync(Place place, long revision, Guid[] grants, Guid asked)
    {
        var credentials = await ApplyAsync(Asking(place, revision, grants, asked));
        Assert.That(credentials.Select(credential => credential.Grant), Is.EqualTo(new[] { asked }));
        return credentials[0];
    }

    private async Task<ITargetSession?> BeginAsync(Place place)
    {
        if (Connector.Capabilities.AccountPerGrant)
        {
            return await Target.LogInAsync(await AskAsync(place, 1, [Grant(place)], Grant(place)), place.Privilege);
        }

        await ApplyAsync(Wanted(place, 1));
        return await Target.LogInAsync(place.Account, place.Privilege);
    }

    private async Task<bool> OpensAsync(Credential credential, Place place)
    {
        await using var session = await Target.LogInAsync(credential, place.Privilege);
        return session is not null && await session.WorksAsync();
    }
}
