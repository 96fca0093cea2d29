using System.Text.Json.Nodes;
using Governance.Cli.Tests.Running;

namespace Governance.Cli.Tests;

/// <summary>Against a real Lifecycle and a real Policy, and what is in their databases.</summary>
[NonParallelizable]
public sealed class When_decisions_are_replayed
{
    private World _world = null!;

    [OneTimeSetUp]
    public async Task EnterAsync() => _world = await World.SharedAsync();

    [Test]
    public async Task Should_come_out_the_same()
    {
        var run = await ReplayAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That(
            run.Lines,
            Has.Exactly(1).Matches(@"^[3-9]\d* decisions replayed \(bundles: 1\): (\d+) the same, 0 different, 0 made by other")
        );
    }

    [Test]
    public async Task Should_count_in_json_what_is_the_same()
    {
        var all = (await DecisionsAsync("limit=500"))["decisions"]!.AsArray();

        var run = await ReplayAsync("--output", "json");

        Assert.That((int?)run.Json["replayed"], Is.EqualTo(all.Count).And.GreaterThanOrEqualTo(3));
        Assert.That((int?)run.Json["same"], Is.EqualTo(all.Count));
        Assert.That(run.Json["different"]!.AsArray(), Is.Empty);
    }

    [TestCase("jsonb_set(data, '{decision,outcome}', '\"permit\"')", "outcome: recorded \"permit\", now \"forbid\"")]
    [TestCase("jsonb_set(data, '{decision,policies,0,id}', '\"another\"')", "policies[0].id: recorded \"another\", now ")]
    [TestCase("jsonb_set(data, '{decision,reasons}', '[]')", "reasons[0]: recorded absent, now \"forbidden\"")]
    [TestCase("jsonb_set(data, '{decision,now}', '\"2026-01-01T00:00:00.000Z\"')", "now: recorded \"2026-01-01T00:00:00.000Z\", now ")]
    [TestCase("jsonb_set(data, '{decision,more}', '1')", "decision: recorded a document that this program can't read")]
    [TestCase("jsonb_set(data, '{decision,bundle}', '\"sha256:00\"')", "bundle: recorded sha256:00, now not stored at Policy")]
    [TestCase(
        "jsonb_set(data, '{evaluationId}', '\"0d9a6b1c-6f2e-5c3d-8a4b-1e2f3a4b5c6d\"')",
        "now the store has no evaluation with these facts"
    )]
    public async Task Should_report_a_decision_that_was_tampered_with(string change, string difference)
    {
        await using var tampered = await _world.TamperAsync(_world.Denied, "decision-recorded.v1", change);

        var run = await ReplayAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(run.Lines, Has.Some.StartsWith("different: sequence ").And.Contains(_world.Denied.ToString()));
        Assert.That(run.Lines, Has.Some.Contains(difference), run.ToString());
        Assert.That(run.Lines[^1], Does.Contain(" 1 different, 0 made by other"));
    }

    [Test]
    public async Task Should_come_out_the_same_with_and_without_the_permit_that_came_nearest()
    {
        var denied = await _world.RequestAsync("svc-reporting", "orders-db/readonly", "denied", ticketState: "draft");
        Task<Run> OneAsync() => ReplayAsync("--grant", denied.ToString());

        var recorded = await OneAsync();
        Assert.That(recorded.ExitCode, Is.EqualTo(ExitCodes.Success), recorded.ToString());
        await using (await _world.TamperAsync(denied, "decision-recorded.v1", "data #- '{decision,nearest}'"))
        {
            var older = await OneAsync();
            Assert.That(older.ExitCode, Is.EqualTo(ExitCodes.Success), "as the version before recorded it: " + older);
        }

        await using (
            await _world.TamperAsync(denied, "decision-recorded.v1", "jsonb_set(data, '{decision,nearest,policy}', '\"another\"')")
        )
        {
            var tampered = await OneAsync();
            Assert.That(tampered.ExitCode, Is.EqualTo(ExitCodes.Failure), tampered.ToString());
            Assert.That(tampered.Lines, Has.Some.Contains("nearest.policy: recorded \"another\", now \"orders-db-readonly\""));
        }
    }

    [Test]
    public async Task Should_report_facts_that_were_tampered_with()
    {
        // Who is inactive neither gets nor keeps anything, so it comes out otherwise whatever was evaluated last.
        await using var tampered = await _world.TamperAsync(
            _world.Active,
            "evaluation-started.v1",
            "jsonb_set(data, '{facts}', to_jsonb(replace(data ->> 'facts', '\"active\":true', '\"active\":false')))"
        );

        var run = await ReplayAsync("--output", "json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure));
        Assert.That(
            run.Json["different"]![0]!["differences"]!.AsArray().Select(d => (string?)d!["member"]),
            Does.Contain("factsDigest").And.Contains("facts").And.Contains("outcome")
        );
    }

    [Test]
    public async Task Should_report_a_bundle_that_was_tampered_with()
    {
        var digest = (string)(await DecisionsAsync("limit=1"))["decisions"]![0]!["bundle"]!;
        await using var tampered = await World.TamperAsync(
            _world.Bundles,
            "policy.bundles",
            "content",
            "digest",
            digest,
            "replace(content, 'approved', 'rejected')"
        );

        var run = await ReplayAsync("--output", "table");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure));
        Assert.That(run.Output, Does.Contain("what Policy stores under this digest has the digest sha256:"));
    }

    [Test]
    public async Task Should_tell_other_rules_from_another_record()
    {
        await using var older = await _world.TamperAsync(_world.Denied, "decision-recorded.v1", "data #- '{decision,rules}'");

        var strict = await ReplayAsync();
        var tolerant = await ReplayAsync("--ignore-versions");

        Assert.That((strict.ExitCode, tolerant.ExitCode), Is.EqualTo((ExitCodes.Failure, ExitCodes.Success)), strict.ToString());
        Assert.That(strict.Lines, Has.Some.StartsWith("made by rules 1, cedar-wasm "));
        Assert.That(strict.Lines[^1], Does.Contain("0 different, 1 made by other rules or another engine (1 of them come out the same)"));
    }

    [Test]
    public async Task Should_not_take_a_record_that_contradicts_itself_for_one_of_other_rules()
    {
        await using var older = await _world.TamperAsync(_world.Active, "decision-recorded.v1", "data #- '{decision,rules}'");
        await using var tampered = await _world.TamperAsync(
            _world.Active,
            "evaluation-started.v1",
            "jsonb_set(data, '{facts}', to_jsonb(replace(data ->> 'facts', '\"active\":true', '\"active\":false')))"
        );

        var run = await ReplayAsync("--ignore-versions");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(run.Lines, Has.Some.StartsWith("different: sequence ").And.Contains(_world.Active.ToString()));
    }

    [Test]
    public async Task Should_replay_what_is_asked_for()
    {
        var all = (await DecisionsAsync("limit=500"))["decisions"]!.AsArray();
        var last = (long)all[^1]!["sequence"]!;

        var since = await ReplayAsync("--since", last.ToString(System.Globalization.CultureInfo.InvariantCulture), "-o", "json");
        var grant = await ReplayAsync("--grant", _world.Active.ToString(), "-o", "json");
        var beyond = await ReplayAsync("--since", (last + 1).ToString(System.Globalization.CultureInfo.InvariantCulture));

        Assert.That((int?)since.Json["replayed"], Is.EqualTo(1));
        Assert.That(since.Error, Does.Not.Contain("--since"));
        Assert.That(
            beyond.Error,
            Does.Contain($"nothing was decided from sequence {last + 1} on; the last decision has the sequence {last}")
        );
        Assert.That((int?)grant.Json["replayed"], Is.EqualTo(all.Count(d => (Guid)d!["grantId"]! == _world.Active)));
    }

    [Test]
    public async Task Should_keep_the_output_clean_where_somebody_watches()
    {
        var run = await CommandLine.WatchAsync(["policy", "replay", .. _world.Addresses, "--output", "json"]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That((int?)run.Json["same"], Is.GreaterThanOrEqualTo(3));
    }

    [TestCase("--lifecycle")]
    [TestCase("--policy")]
    public async Task Should_say_which_service_is_not_there(string service)
    {
        var run = await ReplayAsync(service, "http://127.0.0.1:1");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Unreachable), run.ToString());
        Assert.That(run.Error, Does.Contain("http://127.0.0.1:1/ can't be reached"));
    }

    [Test]
    public async Task Should_take_the_addresses_from_the_environment()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["GOVERNANCE_LIFECYCLE_URL"] = _world.Lifecycle.Url,
            ["GOVERNANCE_POLICY_URL"] = _world.Policy.Url,
        };

        Assert.That((await CommandLine.RunAsync(environment, "policy", "replay")).ExitCode, Is.EqualTo(ExitCodes.Success));
    }

    [Test]
    public async Task Should_read_page_by_page_what_is_there()
    {
        var all = (await DecisionsAsync("limit=500"))["decisions"]!.AsArray().Select(d => (long)d!["sequence"]!).ToList();
        var paged = new List<long>();
        for (long? after = 0; after is not null; )
        {
            var page = await DecisionsAsync($"limit=1&after={after}");
            paged.AddRange(page["decisions"]!.AsArray().Select(d => (long)d!["sequence"]!));
            after = (long?)page["next"];
        }

        Assert.That(paged, Is.EqualTo(all).And.Ordered);
    }

    [Test]
    public async Task Should_give_out_facts_whose_digest_can_be_checked()
    {
        var decision = (await DecisionsAsync($"grant={_world.Active}"))["decisions"]![0]!;

        Assert.That(CanonicalJson.Digest((string)decision["facts"]!), Is.EqualTo((string?)decision["factsDigest"]));
        Assert.That((string?)decision["decision"]!["facts"], Is.EqualTo((string?)decision["factsDigest"]));
        Assert.That((string?)decision["purpose"], Is.EqualTo("issue"));
    }

    [TestCase("limit=0", "limit")]
    [TestCase("limit=501", "limit")]
    [TestCase("after=-1", "after")]
    public async Task Should_refuse_what_is_no_page(string query, string member)
    {
        using var answer = await _world.Lifecycle.Http.GetAsync(new Uri("/v1/decisions?" + query, UriKind.Relative));

        Assert.That((int)answer.StatusCode, Is.EqualTo(400));
        Assert.That((string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"], Does.StartWith(member + ": "));
    }

    [Test]
    public async Task Should_find_bundles_by_their_digest()
    {
        var bundle = (await _world.Policy.GetAsync("/v1/bundles"))["bundles"]![0]!;
        var content = await _world.Policy.Http.GetStringAsync(new Uri($"/v1/bundles/{(string)bundle["digest"]!}", UriKind.Relative));
        using var missing = await _world.Policy.Http.GetAsync(new Uri("/v1/bundles/sha256:00", UriKind.Relative));

        Assert.That(CanonicalJson.Digest(content), Is.EqualTo((string?)bundle["digest"]));
        Assert.That((long?)bundle["activations"]![0]!["number"], Is.EqualTo(1));
        Assert.That((int)missing.StatusCode, Is.EqualTo(404));
        Assert.That(missing.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
    }

    private Task<JsonNode> DecisionsAsync(string query) => _world.Lifecycle.GetAsync("/v1/decisions?" + query);

    private Task<Run> ReplayAsync(params string[] more)
    {
        var addresses = new[] { ("--lifecycle", _world.Lifecycle.Url), ("--policy", _world.Policy.Url) }
            .Where(address => !more.Contains(address.Item1, StringComparer.Ordinal))
            .SelectMany(address => new[] { address.Item1, address.Item2 });
        return CommandLine.RunAsync(["policy", "replay", .. addresses, .. more]);
    }
}
