using System.Net;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;

namespace Governance.Lifecycle.Tests.KillSwitch;

/// <summary>Who may, about what, and how many at once.</summary>
public sealed class When_an_order_is_given
{
    private World _world = null!;
    private Orders _orders = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync("Lifecycle:RevocationGuardCount=2", "Lifecycle:RevocationGuardShare=0.2");
        _orders = new Orders(_world);
        // Of so many, three are less than the share.
        foreach (var _ in Enumerable.Range(0, 12))
        {
            await _world.RequestAsync(TestCatalog.NextActor());
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_know_the_operator()
    {
        var actor = TestCatalog.NextActor();
        var grant = await _world.RequestAsync(actor);
        var body = new { selector = new { principal = actor.First }, reason = "stolen" };

        Assert.That((await _world.PostAsync(Orders.Path, null, body: body)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        var (status, problem) = await _world.PostAsync(Orders.Path, "svc-reporting", body: body);
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "not-human")));
        (status, problem) = await _world.PostAsync(Orders.Path, "nobody@example.com", body: body);
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Forbidden, "unknown-actor")));
        Assert.That(await _world.StateAsync(grant), Is.EqualTo(GrantState.Evaluating));
    }

    [Test]
    public async Task Should_want_the_number_when_it_is_much()
    {
        var actor = TestCatalog.NextActor();
        foreach (var entitlement in new[] { TestCatalog.Readonly, TestCatalog.Writer, TestCatalog.Approver, "orders-db/owner" })
        {
            await _world.RequestAsync(actor, entitlement);
            await _world.RequestAsync(actor, entitlement, actor.Second);
        }

        var selector = new { owner = actor.HumanName };
        var preview = await _orders.PreviewAsync(selector);
        Assert.That(((bool)preview["needsConfirmation"]!, (int)preview["hit"]!), Is.EqualTo((true, 8)));

        var (status, problem) = await _orders.PostAsync(selector);
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "needs-confirmation")));
        Assert.That((int)problem["hit"]!, Is.EqualTo(8));
        Assert.That((string?)problem["detail"], Does.Contain("confirm: 8"));

        // One more than the operator saw.
        var late = await _world.RequestAsync(actor);
        (status, problem) = await _orders.PostAsync(selector, confirm: 8);
        Assert.That((status, (int)problem["hit"]!), Is.EqualTo((HttpStatusCode.Conflict, 9)));
        Assert.That(await _world.StateAsync(late), Is.EqualTo(GrantState.Evaluating), "nothing has happened");

        Assert.That((await _orders.PostAsync(selector, confirm: 9)).Status, Is.EqualTo(HttpStatusCode.Created));
        await _world.ReachAsync(late, GrantState.Denied);
    }

    [Test]
    public async Task Should_want_no_number_when_it_is_little_of_all()
    {
        var actor = TestCatalog.NextActor();
        await _world.RequestAsync(actor);
        await _world.RequestAsync(actor, TestCatalog.Writer);
        await _world.RequestAsync(actor, principal: actor.Second);

        // More than the count, less than the share.
        Assert.That((bool)(await _orders.PreviewAsync(new { owner = actor.HumanName }))["needsConfirmation"]!, Is.False);
        Assert.That(
            (await _orders.PostAsync(new { owner = actor.HumanName }, confirm: 2)).Status,
            Is.EqualTo(HttpStatusCode.Conflict),
            "a number that is given has to be the right one"
        );
        Assert.That((await _orders.PostAsync(new { owner = actor.HumanName }, confirm: 4)).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await _orders.PostAsync(new { owner = actor.HumanName })).Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task Should_not_count_what_is_on_its_way_out()
    {
        var actor = TestCatalog.NextActor();
        await _orders.RevokeFailedAsync(actor);
        await _world.RequestAsync(actor, principal: actor.Second);

        var preview = await _orders.PreviewAsync(new { owner = actor.HumanName });

        Assert.That(((int)preview["matched"]!, (int)preview["underWay"]!, (int)preview["hit"]!), Is.EqualTo((2, 1, 1)));
        Assert.That((int)preview["states"]!["revoke-failed"]!, Is.EqualTo(1));
    }

    [Test]
    public async Task Should_be_one_order_by_one_key()
    {
        var actor = TestCatalog.NextActor();
        var grant = await _world.RequestAsync(actor);
        var selector = new { principal = actor.First };

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _orders.PostAsync(selector, key: "incident-7")));

        Assert.That(answers.Select(a => (Guid)a.Body["id"]!).Distinct().Count(), Is.EqualTo(1));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Created), Is.EqualTo(1));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.OK), Is.EqualTo(3));
        await _orders.FinishedAsync((Guid)answers[0].Body["id"]!);
        Assert.That((await _orders.PostAsync(selector, key: "incident-7")).Status, Is.EqualTo(HttpStatusCode.OK), "also when it is over");
        Assert.That((await _world.EventsAsync(grant)).Count(e => e == "grant-denied.v1"), Is.EqualTo(1));
        var (status, problem) = await _orders.PostAsync(new { principal = actor.Second }, key: "incident-7");
        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.Conflict, "key-reused")));
    }

    [TestCase("""{"reason":"stolen"}""", "invalid", "selector")]
    [TestCase("""{"selector":{"principal":"svc-reporting"}}""", "invalid", "reason")]
    [TestCase("""{"selector":{"principal":"svc-reporting"},"reason":" "}""", "invalid", "reason")]
    [TestCase("""{"selector":{},"reason":"stolen"}""", "invalid", "selector")]
    [TestCase("""{"selector":{"principle":"svc-reporting"},"reason":"stolen"}""", "invalid", "principle")]
    [TestCase("""{"selector":{"principal":""},"reason":"stolen"}""", "invalid", "selector.principal")]
    [TestCase("""{"selector":{"ticket":{"key":""}},"reason":"stolen"}""", "invalid", "selector.ticket.key")]
    [TestCase("""{"selector":{"principal":"svc-reporting"},"reason":"stolen","confirm":-1}""", "invalid", "confirm")]
    [TestCase("""{"selector":{"principal":"svc-reportin"},"reason":"stolen"}""", "unknown-principal", "selector.principal")]
    [TestCase("""{"selector":{"owner":"svc-reporting"},"reason":"stolen"}""", "unknown-owner", "selector.owner")]
    [TestCase("""{"selector":{"target":"order-db"},"reason":"stolen"}""", "unknown-target", "selector.target")]
    [TestCase("""{"selector":{"entitlement":"orders-db/reader"},"reason":"stolen"}""", "unknown-entitlement", "selector.entitlement")]
    [TestCase("""{"selector":{"ticket":{"key":"RITM"}},"reason":"stolen"}""", "unknown-ticket", "selector.ticket")]
    [TestCase("""{"selector":{"bundle":"sha256:other"},"reason":"stolen"}""", "unknown-bundle", "selector.bundle")]
    public async Task Should_say_what_is_wrong(string body, string code, string named)
    {
        var (status, problem) = await _world.PostAsync(Orders.Path, Orders.Operator, body: body);

        Assert.That((status, (string?)problem["code"]), Is.EqualTo((HttpStatusCode.BadRequest, code)));
        Assert.That((string?)problem["detail"], Does.Contain(named));
    }

    [Test]
    public async Task Should_take_what_hits_nothing_yet_by_a_known_name()
    {
        var order = await _orders.GiveAsync(new { principal = TestCatalog.NextActor().First });

        var finished = await _orders.FinishedAsync(order);
        Assert.That((int)finished["matched"]!, Is.Zero);
        Assert.That((await _world.GetAsync(Orders.Path)).Body["revocations"]!.AsArray().Select(o => (Guid)o!["id"]!), Does.Contain(order));
    }

    [Test]
    public async Task Should_not_be_found_when_there_is_none()
    {
        var none = Guid.NewGuid();
        Assert.That((await _world.GetAsync($"{Orders.Path}/{none}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await _world.GetAsync($"{Orders.Path}/{none}/history")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }
}
