using System.Text.Json.Nodes;
using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.KillSwitch;
using Governance.Lifecycle.Tests.Running;
using Governance.Messaging;
using Governance.Testing;
using Marten;

namespace Governance.Lifecycle.Tests.KillSwitch;

/// <summary>
/// Whatever is asked for, by whom, on which ticket, decided by which bundle and in whatever state: an order hits exactly what its preview
/// names, which is exactly what its selector says, and nothing else ever changes by it.
/// </summary>
public sealed class When_selectors_are_random
{
    private const int Grants = 120;
    private const int Rounds = 14;
    private static readonly string[] Entitlements = [TestCatalog.Readonly, TestCatalog.Writer, TestCatalog.Approver];
    private static readonly string[] Bundles = ["sha256:bundle-1", "sha256:bundle-2"];
    private static readonly (string System, string Key)[] Tickets = [("servicenow", "R1"), ("servicenow", "R2"), ("jira", "R1")];
    private readonly Random _random = new(5);
    private readonly List<Asked> _asked = [];
    private World _world = null!;
    private Orders _orders = null!;
    private List<Actor> _actors = [];

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync("Lifecycle:RevocationGuardShare=1", "Lifecycle:SweepGuardShare=1");
        _orders = new Orders(_world);
        _actors = [.. Enumerable.Range(0, 5).Select(_ => TestCatalog.NextActor())];
        _world.Peers.Rule = AnswerAsync;
        await AskAsync(Grants / 2, Bundles[0]);
        await _world.AnnounceAsync(Bundles[1], 2);
        await _world.SweptAsync();
        await AskAsync(Grants / 2, Bundles[1]);
        await Eventually.Until(
            () =>
                _world.ScalarAsync<long>(
                    "select count(*) from lifecycle.mt_doc_grant where data ->> 'currentState' in ('Active', 'AwaitingApproval', 'Denied')"
                ),
            Is.EqualTo((long)Grants),
            TimeSpan.FromMinutes(2)
        );
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_hit_what_they_say_and_nothing_else()
    {
        var (hits, misses) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var (selector, says) = Selector();
            var before = await GrantsAsync();
            var expected = _asked.Where(a => !IsOver(before[a.Id]) && says(a)).Select(a => a.Id).ToList();

            var preview = await _orders.PreviewAsync(selector);
            var order = await _orders.GiveAsync(selector);

            var what = selector.ToJsonString();
            Assert.That(preview["grants"]!.AsArray().Select(g => (Guid)g!["id"]!), Is.EquivalentTo(expected), what);
            Assert.That((await _orders.GrantsOfAsync(order, "revocation-aimed.v1")).Keys, Is.EquivalentTo(expected), what);
            Assert.That(await MatchingAsync(order, before.Values), Is.EquivalentTo(expected), $"{what}: in memory as in the database");
            await _orders.FinishedAsync(order);
            var after = await GrantsAsync();
            Assert.That(expected.Select(id => after[id]), Is.All.Matches<Grant>(g => IsOver(g!)), $"{what}: nothing survives");
            foreach (var (id, grant) in before.Where(g => !expected.Contains(g.Key)))
            {
                Assert.That(after[id].StreamVersion, Is.EqualTo(grant.StreamVersion), $"{what}: {id} is none of it");
            }

            (hits, misses) = (hits + expected.Count, misses + before.Count(g => !IsOver(g.Value)) - expected.Count);
        }

        Assert.That(hits, Is.GreaterThan(20), "there was something to hit");
        Assert.That(misses, Is.GreaterThan(20), "and something to miss");
    }

    private (JsonNode Selector, Func<Asked, bool> Says) Selector()
    {
        var actor = _actors[_random.Next(_actors.Count)];
        var (system, key) = Tickets[_random.Next(Tickets.Length)];
        var entitlement = Entitlements[_random.Next(Entitlements.Length)];
        var bundle = Bundles[_random.Next(Bundles.Length)];
        var kinds = new (string Member, string Value, Func<Asked, bool> Says)[]
        {
            ("principal", $"\"{actor.First}\"", a => a.Principal == actor.First),
            ("owner", $"\"{actor.HumanName}\"", a => a.Principal == actor.First || a.Principal == actor.Second),
            ("target", "\"ledger-db\"", a => a.Entitlement == TestCatalog.Approver),
            ("target", "\"orders-db\"", a => a.Entitlement != TestCatalog.Approver),
            ("entitlement", $"\"{entitlement}\"", a => a.Entitlement == entitlement),
            ("ticket", $$"""{"key":"{{key}}"}""", a => a.Key == key),
            ("ticket", $$"""{"system":"{{system}}","key":"{{key}}"}""", a => a.Key == key && a.System == system),
            ("bundle", $"\"{bundle}\"", a => a.Bundle == bundle),
        };
        // One alone says so much that little would be left for the next round.
        var one = kinds[_random.Next(kinds.Length)];
        var others = kinds.Where(k => k.Member != one.Member).ToArray();
        var other = others[_random.Next(others.Length)];
        return (
            new JsonObject { [one.Member] = JsonNode.Parse(one.Value), [other.Member] = JsonNode.Parse(other.Value) },
            a => one.Says(a) && other.Says(a)
        );
    }

    private async Task<IEnumerable<Guid>> MatchingAsync(Guid order, IEnumerable<Grant> grants)
    {
        await using var session = _world.Service.Get<IDocumentStore>().QuerySession();
        var criteria = (await session.LoadAsync<RevocationOrder>(order))!.Criteria();
        return grants.Where(g => !IsOver(g) && criteria.Matches(g)).Select(g => g.Id);
    }

    private async Task<Dictionary<Guid, Grant>> GrantsAsync()
    {
        await using var session = _world.Service.Get<IDocumentStore>().QuerySession();
        return (await session.LoadManyAsync<Grant>(_asked.Select(a => a.Id))).ToDictionary(g => g.Id);
    }

    private static bool IsOver(Grant grant) => GrantState.Final.Contains(grant.CurrentState, StringComparer.Ordinal);

    private async Task AskAsync(int count, string bundle)
    {
        for (var i = 0; i < count; i++)
        {
            var actor = _actors[_random.Next(_actors.Count)];
            var principal = _random.Next(2) == 0 ? actor.First : actor.Second;
            var entitlement = Entitlements[_random.Next(Entitlements.Length)];
            var (system, key) = Tickets[_random.Next(Tickets.Length)];
            var request = Requests.Of(actor, entitlement, principal) with
            {
                Ticket = new RequestedTicket
                {
                    System = system,
                    Key = key,
                    Assurance = Assurance.Verified,
                },
            };
            await _world.SendAsync(request);
            _asked.Add(new Asked(request.GrantId, principal, entitlement, system, key, bundle));
        }
    }

    // Some are given, the others wait for people. What is desired is there at once, and what was decided stays.
    private Task AnswerAsync(object command) =>
        command switch
        {
            EvaluateAccess question => _world.Peers.Bus.PublishMandatoryAsync(
                Answers.Of(
                    question,
                    question.Purpose == DecisionPurpose.Retain || question.GrantId.ToByteArray()[0] % 2 == 0
                        ? Outcome.Permit
                        : Outcome.ApprovalRequired
                ),
                Guid.NewGuid()
            ),
            ReconcileHolding holding => _world.Peers.Bus.PublishMandatoryAsync(
                Answers.Observed(holding, _world.Clock.Now()),
                Guid.NewGuid()
            ),
            _ => Task.CompletedTask,
        };

    private sealed record Asked(Guid Id, string Principal, string Entitlement, string System, string Key, string Bundle);
}
