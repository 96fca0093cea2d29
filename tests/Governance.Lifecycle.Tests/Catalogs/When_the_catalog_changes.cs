using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Governance.Catalog;
using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Lifecycle.Api;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Installation;
using Governance.Lifecycle.Tests.Running;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Catalogs;

public sealed class When_the_catalog_changes
{
    private World _world = null!;

    [SetUp]
    public async Task StartAsync() => _world = await World.CreateAsync();

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_be_taken_up_when_it_is_valid_and_refused_loudly_when_not()
    {
        var actor = TestCatalog.NextActor();
        var grant = await _world.RequestAsync(actor);
        var before = await InForceAsync();
        Assert.That(before, Is.EqualTo(CatalogLoader.Load(_world.Catalog).Digest));

        await ChangeAsync("maxDuration: PT8H", "maxDuration: never");
        await Eventually.Until(() => Task.FromResult(_world.Service.Log.Of("CatalogRefused")), Is.Not.Empty);
        Assert.That(await InForceAsync(), Is.EqualTo(before), "the old one stays");

        await ChangeAsync("maxDuration: never", "maxDuration: PT30M");
        await Eventually.Until(InForceAsync, Is.Not.EqualTo(before));
        await _world.SendAsync(Answers.Of(await _world.Peers.QuestionAsync(grant), Outcome.Permit));
        Assert.That(await _world.StateAsync(grant), Is.EqualTo(GrantState.Evaluating), "decided from another catalog");
        var facts = Answers.FactsOf(await _world.Peers.QuestionAsync(grant, 2));
        Assert.That(facts.Catalog, Is.EqualTo(await InForceAsync()));
        Assert.That(facts.Entitlements.Single(e => e.Id == TestCatalog.Readonly).MaxDuration, Is.EqualTo(TimeSpan.FromMinutes(30)));
        Assert.That(await _world.ScalarAsync<long>("select count(*) from lifecycle.mt_doc_storedcatalog"), Is.EqualTo(2), "both are kept");
    }

    [Test]
    public async Task Should_be_taken_up_when_kubernetes_swaps_it_in()
    {
        var before = await InForceAsync();
        (string Name, string Text)[] files =
        [
            .. Directory.EnumerateFiles(_world.Catalog).Select(f => (Path.GetFileName(f), File.ReadAllText(f))),
        ];
        foreach (var (name, _) in files)
        {
            File.Delete(Path.Combine(_world.Catalog, name));
        }

        await Eventually.Until(
            _world.Service.HealthAsync,
            h => h.Ready && h.Report.Contains("a catalog that knows nothing", StringComparison.Ordinal)
        );
        Assert.That(await InForceAsync(), Is.EqualTo(before), "an empty one is taken for a mistake");

        var volume = new ConfigMapVolume(_world.Catalog);
        await volume.PublishAsync(files);
        await Eventually.Until(_world.Service.HealthAsync, h => h.Report.StartsWith("{\"status\":\"healthy\"", StringComparison.Ordinal));
        Assert.That(await InForceAsync(), Is.EqualTo(before), "the same content, laid out otherwise");

        // Of the same length and time, behind links that stay as they are.
        await volume.PublishAsync([
            .. files.Select(f => (f.Name, f.Text.Replace("maxDuration: PT8H", "maxDuration: PT7H", StringComparison.Ordinal))),
        ]);
        var after = await Eventually.Until(InForceAsync, Is.Not.EqualTo(before));
        Assert.That(after, Is.EqualTo(CatalogLoader.Load(_world.Catalog).Digest));

        await volume.PublishAsync([.. files, ("more/people.yml", "people: []")]);
        await Eventually.Until(
            _world.Service.HealthAsync,
            h => h.Ready && h.Report.Contains("more/people.yml: looks like a part of the catalog", StringComparison.Ordinal)
        );
    }

    [Test]
    public async Task Should_wait_for_a_persons_word_when_it_lacks_much_of_the_one_in_force()
    {
        var before = await InForceAsync();
        var changes = await ChangesAsync();
        var whole = CatalogLoader.Load(_world.Catalog).Content.Principals;
        var people = whole.Count(p => p.Kind == PrincipalKind.Human);
        var principals = whole.Count - people;
        await CutAsync();
        var smaller = CatalogLoader.Load(_world.Catalog).Digest;

        var (ready, report) = await Eventually.Until(
            _world.Service.HealthAsync,
            h => h.Report.Contains("is held", StringComparison.Ordinal)
        );
        Assert.That(ready, report);
        Assert.That(report, Does.Contain("governance catalog accept " + smaller));
        Assert.That(report, Does.Contain(FormattableString.Invariant($"100 of {people} people, 200 of {principals} principals")));
        Assert.That(_world.Service.Log.Of("CatalogHeld"), Has.Count.EqualTo(1));
        Assert.That(await InForceAsync(), Is.EqualTo(before));

        // Another process finds it held, and says it no second time in the record.
        await _world.Service.DisposeAsync();
        await _world.StartServiceAsync();
        await Eventually.Until(_world.Service.HealthAsync, h => h.Report.Contains("is held", StringComparison.Ordinal));
        Assert.That((await EventsAsync())[^1], Is.EqualTo("catalog-held.v1"));
        Assert.That(await ChangesAsync(), Is.EqualTo(changes), "nothing is decided otherwise");

        Assert.That(await AcceptAsync("sha256:another", "meant", "kim@example.com"), Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await AcceptAsync(smaller, "meant", "svc-reporting"), Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await AcceptAsync(smaller, " ", "kim@example.com"), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await AcceptAsync(before!, "it is in force", "kim@example.com"), Is.EqualTo(HttpStatusCode.OK), "nothing to do");
        Assert.That((await EventsAsync())[^1], Is.EqualTo("catalog-held.v1"));

        Assert.That(await AcceptAsync(smaller, "The team has left.", "kim@example.com"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await AcceptAsync(smaller, "The team has left.", "kim@example.com"), Is.EqualTo(HttpStatusCode.OK), "once more");
        await Eventually.Until(InForceAsync, Is.EqualTo(smaller));
        await Eventually.Until(_world.Service.HealthAsync, h => h.Report.StartsWith("{\"status\":\"healthy\"", StringComparison.Ordinal));
        Assert.That(
            (await EventsAsync()).TakeLast(3),
            Is.EqualTo(new[] { "catalog-held.v1", "catalog-accepted.v1", "catalog-put-in-force.v1" })
        );
        var accepted = JsonNode.Parse(
            (await _world.ScalarAsync<string>("select data::text from lifecycle.mt_events where type = 'catalog-accepted.v1'"))!
        )!;
        Assert.That((string?)accepted["actor"]!["id"], Is.EqualTo("p-90a4c6f2"));
        Assert.That((string?)accepted["reason"], Does.StartWith("sha256:"), "what a person wrote is kept beside the stream");
        Assert.That(
            await _world.ScalarAsync<string>(
                "select data ->> 'text' from lifecycle.mt_doc_personaltext where id = $1",
                (string)accepted["reason"]!
            ),
            Is.EqualTo("The team has left.")
        );
        Assert.That((string?)(await _world.Service.GetAsync("/v1/catalog"))["inForce"], Is.EqualTo(smaller));
    }

    [Test]
    public async Task Should_forget_the_word_when_the_files_hold_something_else()
    {
        var original = await File.ReadAllTextAsync(Path.Combine(_world.Catalog, "tests.yaml"));
        await CutAsync();
        var smaller = CatalogLoader.Load(_world.Catalog).Digest;
        await Eventually.Until(_world.Service.HealthAsync, h => h.Report.Contains(smaller, StringComparison.Ordinal));

        // Put right, and then something else is changed: the word would be about another difference now.
        await File.WriteAllTextAsync(Path.Combine(_world.Catalog, "tests.yaml"), original);
        await Eventually.Until(_world.Service.HealthAsync, h => h.Report.StartsWith("{\"status\":\"healthy\"", StringComparison.Ordinal));
        await ChangeAsync("maxDuration: PT8H", "maxDuration: PT7H");
        var other = CatalogLoader.Load(_world.Catalog).Digest;
        await Eventually.Until(InForceAsync, Is.EqualTo(other));

        Assert.That(await AcceptAsync(smaller, "late", "kim@example.com"), Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task Should_hold_nothing_once_the_files_are_put_back()
    {
        var path = Path.Combine(_world.Catalog, "tests.yaml");
        var original = await File.ReadAllTextAsync(path);
        var before = await InForceAsync();
        var changes = await ChangesAsync();
        await CutAsync();
        var smaller = CatalogLoader.Load(_world.Catalog).Digest;
        await Eventually.Until(HeldAsync, Is.EqualTo(smaller));

        await File.WriteAllTextAsync(path, original);
        await Eventually.Until(HeldAsync, Is.Null);
        Assert.That((await EventsAsync())[^1], Is.EqualTo("catalog-hold-ended.v1"));
        Assert.That(await ChangesAsync(), Is.EqualTo(changes), "nothing is decided otherwise");
        Assert.That(await AcceptAsync(smaller, "stale", "kim@example.com"), Is.EqualTo(HttpStatusCode.Conflict));

        await CutAsync();
        await Eventually.Until(HeldAsync, Is.EqualTo(smaller));
        Assert.That(await InForceAsync(), Is.EqualTo(before));

        // Accepted although it was just put back: the word serves no later hold.
        await File.WriteAllTextAsync(path, original);
        await AcceptAsync(smaller, "meant after all", "kim@example.com");
        await Eventually.Until(async () => (await HeldAsync(), await InForceAsync()), Is.EqualTo(((string?)null, before)));
        await CutAsync();
        await Eventually.Until(HeldAsync, Is.EqualTo(smaller));
        Assert.That(await InForceAsync(), Is.EqualTo(before), "and waits for a word of its own");

        // Neither is it what the files hold when they are wrong.
        await ChangeAsync("maxDuration: PT8H", "maxDuration: never");
        await Eventually.Until(HeldAsync, Is.Null);
        Assert.That(await AcceptAsync(smaller, "stale", "kim@example.com"), Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public void Should_spend_the_word_that_was_said_for_a_hold_that_ended()
    {
        var now = new InForce();
        now.Apply(new CatalogPutInForce("old", DateTimeOffset.UnixEpoch));
        now.Apply(new CatalogHeld("small", "old", [], DateTimeOffset.UnixEpoch));
        now.Apply(new CatalogAccepted("small", "old", Requests.Person("p-90a4c6f2"), "why", DateTimeOffset.UnixEpoch));
        Assert.That(now.Held!.Accepted);

        now.Apply(new CatalogHoldEnded("small", DateTimeOffset.UnixEpoch));
        Assert.That(now.Held, Is.Null);
        now.Apply(new CatalogHeld("small", "old", [], DateTimeOffset.UnixEpoch));
        Assert.That(now.Held!.Accepted, Is.False);
    }

    [Test]
    public async Task Should_hold_nothing_when_another_process_finds_the_files_put_back()
    {
        var path = Path.Combine(_world.Catalog, "tests.yaml");
        var original = await File.ReadAllTextAsync(path);
        var before = await InForceAsync();
        await CutAsync();
        var smaller = CatalogLoader.Load(_world.Catalog).Digest;
        await Eventually.Until(HeldAsync, Is.EqualTo(smaller));

        await _world.Service.DisposeAsync();
        await File.WriteAllTextAsync(path, original);
        await _world.StartServiceAsync();
        await Eventually.Until(HeldAsync, Is.Null);
        Assert.That(await InForceAsync(), Is.EqualTo(before));
        Assert.That(await AcceptAsync(smaller, "stale", "kim@example.com"), Is.EqualTo(HttpStatusCode.Conflict));
    }

    private async Task<string?> HeldAsync() => (string?)(await _world.Service.GetAsync("/v1/catalog"))["held"]?["catalog"];

    // A hundred of the people, and theirs.
    private async Task CutAsync()
    {
        var path = Path.Combine(_world.Catalog, "tests.yaml");
        var lines = await File.ReadAllLinesAsync(path);
        await File.WriteAllLinesAsync(
            path,
            lines.Where(l => !l.Contains("p-test05", StringComparison.Ordinal) && !l.Contains("owner-05", StringComparison.Ordinal))
        );
    }

    private async Task<HttpStatusCode> AcceptAsync(string digest, string reason, string actor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/catalogs/{digest}/accept")
        {
            Content = JsonContent.Create(new { reason }),
        };
        request.Headers.Add(CallerIdentity.Header, actor);
        using var answer = await _world.Service.Http.SendAsync(request);
        return answer.StatusCode;
    }

    private Task<IReadOnlyList<string>> EventsAsync() => _world.EventsAsync(InForce.StreamId);

    private Task<string?> ChangesAsync() => _world.ScalarAsync<string>("select data ->> 'changes' from lifecycle.mt_doc_inforce");

    [Test]
    public async Task Should_leave_a_vote_to_the_right_that_it_was_cast_for()
    {
        var (waiting, late) = (TestCatalog.NextActor(), TestCatalog.NextActor());
        var before = (await InForceAsync())!;
        var request = Carrying(Requests.Of(waiting, TestCatalog.Writer), before);
        await _world.SendAsync(request);
        var first = Answers.FactsOf(await _world.Peers.QuestionAsync(request.GrantId));
        Assert.That(first.Approvals.Single().Ballot!.Digest, Is.EqualTo(Digest(waiting, "orders_writer")));
        Assert.That(first.Place!.Privilege, Is.EqualTo("orders_writer"));

        await ChangeAsync("privilege: orders_writer", "privilege: orders_superuser");
        await Eventually.Until(InForceAsync, Is.Not.EqualTo(before));
        await _world.SendAsync(Answers.Of(await _world.Peers.QuestionAsync(request.GrantId), Outcome.Permit, discharged: true));

        Assert.That(await _world.StateAsync(request.GrantId), Is.EqualTo(GrantState.Evaluating), "decided from another catalog");
        var second = Answers.FactsOf(await _world.Peers.QuestionAsync(request.GrantId, 2));
        Assert.That(second.Place!.Privilege, Is.EqualTo("orders_superuser"));
        Assert.That(second.Approvals.Single().Ballot!.Digest, Is.EqualTo(Digest(waiting, "orders_writer")), "it is not for this");
        await _world.SendAsync(Answers.Of(await _world.Peers.QuestionAsync(request.GrantId, 2), Outcome.ApprovalRequired));
        var (status, _) = await _world.CommandAsync(request.GrantId, "approve", "lee@example.com");
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), "the same person votes again");

        // What came in before the change and is handled after it.
        var delayed = Carrying(Requests.Of(late, TestCatalog.Writer), before);
        await _world.SendAsync(delayed);
        Assert.That(
            Answers.FactsOf(await _world.Peers.QuestionAsync(delayed.GrantId)).Approvals.Single().Ballot!.Digest,
            Is.EqualTo(Digest(late, "orders_writer"))
        );
    }

    private static AccessRequested Carrying(AccessRequested request, string catalog) =>
        request with
        {
            Catalog = catalog,
            Approvals =
            [
                new RequestedApproval
                {
                    Approver = TestCatalog.Lee,
                    Approved = true,
                    At = DateTimeOffset.UnixEpoch,
                    Assurance = Assurance.Verified,
                },
            ],
        };

    private static string Digest(Actor actor, string privilege) =>
        new Voting.Ballot
        {
            Principal = actor.First,
            Target = "orders-db",
            Account = actor.First,
            Privilege = privilege,
            Duration = TimeSpan.FromHours(1),
        }.Digest();

    private Task<string?> InForceAsync() => _world.ScalarAsync<string>("select data ->> 'catalog' from lifecycle.mt_doc_inforce");

    private async Task ChangeAsync(string from, string to)
    {
        var path = Path.Combine(_world.Catalog, "sample.yaml");
        var text = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, text.Replace(from, to, StringComparison.Ordinal));
    }
}
