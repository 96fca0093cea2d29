using System.Text.Json.Nodes;
using Governance.Contracts.Issuance;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.KillSwitch;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.Messages;

public sealed class When_access_ends_and_is_still_effective : WorldFixture
{
    private const string Path = "reporting, which is in orders_readonly";
    private Actor _actor = null!;

    [SetUp]
    public void Arrive() => _actor = TestCatalog.NextActor();

    [Test]
    public async Task Should_name_the_path_wherever_the_end_is_said()
    {
        var grant = await World.ActiveAsync(_actor);
        var order = await new Orders(World).GiveAsync(new { principal = _actor.First });
        await World.ReachAsync(grant, GrantState.Revoking);
        await World.SendAsync(await GoneButAsync(3, Path));

        var (_, view) = await World.GetAsync($"/v1/grants/{grant}");
        Assert.That((string?)view["state"], Is.EqualTo("ended"));
        Assert.That(Paths(view), Is.EqualTo(new[] { Path }));
        var listed = (await World.GetAsync($"/v1/grants?principal={_actor.First}")).Body["grants"]!.AsArray().Single()!;
        Assert.That(Paths(listed), Is.EqualTo(new[] { Path }));
        var finished = await new Orders(World).FinishedAsync(order);
        Assert.That((Guid)finished["stillEffective"]![0]!["grant"]!, Is.EqualTo(grant));
        Assert.That((string?)finished["stillEffective"]![0]!["paths"]![0], Is.EqualTo(Path));
        Assert.That(
            World.Service.Log.Of("EndedAndStillEffective").Any(l => l.Message.Contains(grant.ToString(), StringComparison.Ordinal))
        );
    }

    [Test]
    public async Task Should_say_nothing_any_more_once_it_was_read_as_gone()
    {
        var grant = await World.ActiveAsync(_actor);
        await World.CommandAsync(grant, "revoke", "kim@example.com");
        await World.SendAsync(await GoneButAsync(3, Path));
        Assert.That(Paths((await World.GetAsync($"/v1/grants/{grant}")).Body), Is.Not.Empty);

        await World.SendAsync(Answers.Observed(await Peers.HoldingAsync(_actor.First, 3), World.Clock.Now()));

        Assert.That((await World.GetAsync($"/v1/grants/{grant}")).Body["stillEffective"], Is.Null);
    }

    [Test]
    public async Task Should_say_by_which_grant_it_is_still_held()
    {
        var (first, second) = (await World.ActiveAsync(_actor), await World.ActiveAsync(_actor));
        await World.CommandAsync(first, "revoke", "kim@example.com");
        await World.ObserveAsync(_actor.First);
        await World.ReachAsync(first, GrantState.Ended);

        var still = (await World.GetAsync($"/v1/grants/{first}")).Body["stillEffective"]!;
        Assert.That(still["heldBy"]!.AsArray().Select(g => (Guid)g!), Is.EqualTo(new[] { second }));
        Assert.That(still["paths"]!.AsArray(), Is.Empty);

        await World.CommandAsync(second, "revoke", "kim@example.com");
        await World.ObserveAsync(_actor.First);
        await World.ReachAsync(second, GrantState.Ended);
        Assert.That((await World.GetAsync($"/v1/grants/{first}")).Body["stillEffective"], Is.Null);
    }

    [Test]
    public async Task Should_say_nothing_of_what_was_given_since()
    {
        var first = await World.ActiveAsync(_actor);
        await World.CommandAsync(first, "revoke", "kim@example.com");
        await World.ObserveAsync(_actor.First);
        await World.ReachAsync(first, GrantState.Ended);
        await World.ActiveAsync(_actor);

        Assert.That((await World.GetAsync($"/v1/grants/{first}")).Body["stillEffective"], Is.Null);
    }

    private async Task<HoldingObserved> GoneButAsync(long revision, string path) =>
        Answers.Observed(await Peers.HoldingAsync(_actor.First, revision), World.Clock.Now()) with
        {
            Effective = true,
            Paths = [path],
        };

    private static IEnumerable<string?> Paths(JsonNode grant) => grant["stillEffective"]!["paths"]!.AsArray().Select(p => (string?)p);
}
