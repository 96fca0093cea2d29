using Governance.Cedar;
using Governance.Cedar.Bundles;
using Governance.Cedar.Decisions;
using Governance.Contracts.Decisions;
using Governance.Contracts.Intake;
using Governance.Contracts.Lifecycle;
using Governance.Lifecycle.Grants;
using Governance.Lifecycle.Tests.Running;
using Governance.Messaging;
using Governance.Testing;

namespace Governance.Lifecycle.Tests.Races;

/// <summary>
/// Two replicas, and people who declare many emergencies for one incident at once, also for what belongs to others. Policy's engine answers,
/// late and out of order.
/// </summary>
public sealed class When_emergencies_race
{
    private const int People = 6;
    private readonly Random _random = new(5);
    private World _world = null!;
    private Service _second = null!;
    private CedarEngine _engine = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _engine = CedarEngine.Create();
        _world = await World.CreateAsync();
        _second = await Service.StartAsync(_world.Database, _world.BusUrl, _world.Catalog, _world.Clock);
        await _second.ReadyAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _second.DisposeAsync();
        await _world.DisposeAsync();
        _engine.Dispose();
    }

    [TestCase(null, 2, 1, Description = "what holds where no policy says otherwise")]
    [TestCase(1, 1, 2)]
    [TestCase(3, 3, 3)]
    public async Task Should_give_as_many_for_one_incident_as_may_be_without_a_review(int? max, int given, int activation)
    {
        var bundle = Load(max);
        _world.Peers.Rule = command => command is EvaluateAccess question ? AnswerAsync(question, bundle) : Task.CompletedTask;
        await _world.AnnounceAsync(bundle.Digest, activation + 1);
        await _world.SweptAsync();
        var races = Enumerable.Range(0, People).Select(_ => Race()).ToList();

        await Task.WhenAll(
            races
                .SelectMany(r => r.Incident.Append(r.Elsewhere))
                .Select(request => _world.Peers.Bus.PublishMandatoryAsync(request, Guid.NewGuid()))
        );

        foreach (var (incident, elsewhere) in races)
        {
            var views = new List<(string State, string? Reason)>();
            foreach (var request in incident)
            {
                views.Add(await DecidedAsync(request.GrantId));
            }

            Assert.That(views.Count(v => v.State == "activating"), Is.EqualTo(given), string.Join(", ", views));
            Assert.That(
                views.Where(v => v.State != "activating").Distinct(),
                Is.EqualTo(new[] { ("denied", DecisionReasons.TooManyUnreviewed) }),
                "and the rest says why"
            );
            Assert.That((await DecidedAsync(elsewhere.GrantId)).State, Is.EqualTo("activating"), "another incident");
        }
    }

    /// <summary>One person for themselves and for what another owns, so that the grantees' own locks keep nobody apart.</summary>
    private static (IReadOnlyList<AccessRequested> Incident, AccessRequested Elsewhere) Race()
    {
        var (who, other) = (TestCatalog.NextActor(), TestCatalog.NextActor());
        AccessRequested[] incident =
        [
            Declared(who, TestCatalog.Readonly, who.First),
            Declared(who, TestCatalog.Readonly, who.Second),
            Declared(who, TestCatalog.Readonly, other.First),
            Declared(who, TestCatalog.Readonly, other.Second),
            Declared(who, TestCatalog.Writer, who.First),
        ];
        var elsewhere = Declared(who, TestCatalog.Writer, other.Second);
        return (incident, elsewhere with { Ticket = elsewhere.Ticket! with { Key = "INC-of-another-kind" } });
    }

    private static AccessRequested Declared(Actor who, string entitlement, string grantee) =>
        Requests.Of(who, entitlement, grantee) with
        {
            Emergency = true,
            EmergencyAssurance = Assurance.Verified,
        };

    private PolicyBundle Load(int? max)
    {
        var bound = max is { } count ? FormattableString.Invariant($"@maxUnreviewed(\"{count}\") ") : "";
        var policies = $"""
            @id("ask") permit(principal, action == Governance::Action::"request", resource);
            @id("glass") {bound}@risk("high") @rationale("test")
            permit(principal, action == Governance::Action::"breakGlass", resource);
            """;
        var result = PolicyBundle.FromFiles(_engine, [new PolicyFile("glass.cedar", policies)]);
        return result.Bundle ?? throw new AssertionException(string.Join("\n", result.Faults));
    }

    private async Task AnswerAsync(EvaluateAccess question, PolicyBundle bundle)
    {
        int late;
        lock (_random)
        {
            late = _random.Next(30);
        }

        await Task.Delay(late);
        var decision = new DecisionEngine(_engine).Decide(question.Purpose, question.Now, bundle, Answers.FactsOf(question));
        await _world.Peers.Bus.PublishMandatoryAsync(Answers.Of(question, decision.Outcome, _ => decision), Guid.NewGuid());
    }

    private async Task<(string State, string? Reason)> DecidedAsync(Guid grant)
    {
        await Eventually.Until(
            async () => await _world.StateAsync(grant),
            state => state is not (null or GrantState.Evaluating),
            TimeSpan.FromMinutes(1)
        );
        var (_, view) = await _world.GetAsync($"/v1/grants/{grant}");
        return (view["state"]!.GetValue<string>(), view["decision"]!["reasons"]!.AsArray().LastOrDefault()?.GetValue<string>());
    }
}
