using Governance.Contracts.Policy;
using Governance.Policy.Tests.Running;
using Governance.Testing;

namespace Governance.Policy.Tests;

public sealed class When_policies_change
{
    private const string Extra = """
        @id("readonly-is-frozen")
        @reason("Nobody reads orders during the migration.")
        forbid (principal, action in Governance::Action::"hold", resource == Governance::Entitlement::"orders-db/readonly");
        """;

    private static readonly TestCaseData<string, string>[] Deep =
    [
        new(
            $"@id(\"deep\")\nforbid (principal, action, resource) when {{ {new string('(', 5000)}true{new string(')', 5000)} }};",
            "91-bad.cedar:2:"
        )
        {
            TestName = "Should_refuse_policies_that_are_too_deep_for_the_engine",
        },
    ];

    private World _world = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _world = await World.CreateAsync();
        await _world.Policy.ReadyAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _world.DisposeAsync();

    [Test]
    public async Task Should_store_and_announce_each_valid_bundle_with_a_rising_number()
    {
        var first = await _world.Peer.AnnouncedAsync(1);
        Assert.That(first.Bundle, Does.StartWith("sha256:"));
        Assert.That(first.Policies, Is.GreaterThan(10));
        Assert.That(first.Engine, Is.EqualTo("cedar-wasm 4.13.0"));

        await File.WriteAllTextAsync(_world.PolicyFile("90-extra.cedar"), Extra);
        var second = await _world.Peer.AnnouncedAsync(2);
        Assert.That(
            (second.Policies, second.Bundle),
            Is.EqualTo((first.Policies + 1, second.Bundle)).And.Not.EqualTo((second.Policies, first.Bundle))
        );

        File.Delete(_world.PolicyFile("90-extra.cedar"));
        var third = await _world.Peer.AnnouncedAsync(3);
        Assert.That(third.Bundle, Is.EqualTo(first.Bundle), "an old bundle can come back, as a new activation");
        Assert.That(await _world.ScalarAsync<long>("select count(*) from policy.bundles"), Is.EqualTo(2), "kept for ever, each once");
        Assert.That(
            CanonicalJson.Digest((await _world.ScalarAsync<string>("select content from policy.bundles where digest = $1", first.Bundle))!),
            Is.EqualTo(first.Bundle)
        );
    }

    [Test]
    public async Task Should_announce_again_and_again()
    {
        await Eventually.Until(() => Task.FromResult(_world.Peer.All<BundleAnnounced>().Count), Is.GreaterThanOrEqualTo(3));

        Assert.That(_world.Peer.All<BundleAnnounced>().Select(a => a.Message.Activation), Is.All.EqualTo(1));
    }

    [TestCase("@id(\"misspelt\") @aproval(\"1 of owner\") permit (principal, action, resource);", "aproval")]
    [TestCase("permit (principal, action, resource);", "id")]
    [TestCase("@id(\"broken\") permit (principal, action, resource", "91-bad.cedar")]
    [TestCase("@id(\"orders-db-readonly\") forbid (principal, action, resource);", "orders-db-readonly")]
    [TestCase("@id(\"unscoped\") @approval(\"1 of owner\") forbid (principal, action, resource);", "unscoped")]
    [TestCase(
        "@id(\"untyped\") @risk(\"low\") @rationale(\"none\") permit (principal, action == Governance::Action::\"issue\", resource) when { principal.colour == 1 };",
        "untyped"
    )]
    [TestCaseSource(nameof(Deep))]
    public async Task Should_refuse_an_invalid_bundle_whole_and_keep_the_old_one(string policy, string named)
    {
        var first = await _world.Peer.AnnouncedAsync(1);
        // A good change beside the bad one: neither is taken.
        await File.WriteAllTextAsync(_world.PolicyFile("91-bad.cedar"), policy + "\n" + Extra);

        await Eventually.Until(() => Task.FromResult(_world.Policy.Log.Of("BundleRefused")), Has.Some.Property("Message").Contains(named));
        var (ready, report) = await Eventually.Until(
            _world.Policy.HealthAsync,
            h => h.Report.Contains("refused", StringComparison.Ordinal)
        );
        Assert.That(ready, "it still decides, with the old one");
        Assert.That(report, Does.Contain("degraded"));
        var question = Questions.Of(first.Bundle);
        await _world.Peer.AskAsync(question);
        Assert.That(
            (await _world.Peer.AnswersAsync(question.EvaluationId))[0].Message.Decision.Outcome,
            Is.EqualTo(Contracts.Decisions.Outcome.Permit)
        );

        File.Delete(_world.PolicyFile("91-bad.cedar"));
        await Eventually.Until(_world.Policy.HealthAsync, h => h.Report.StartsWith("{\"status\":\"healthy\"", StringComparison.Ordinal));
        Assert.That(_world.Peer.All<BundleAnnounced>().Select(a => a.Message.Bundle), Is.All.EqualTo(first.Bundle));
    }

    [Test]
    public async Task Should_take_up_what_kubernetes_swaps_in()
    {
        var directory = Directory.CreateTempSubdirectory("governance-policies-").FullName;
        var volume = new ConfigMapVolume(directory);
        var sample = Directory
            .EnumerateFiles(_world.Policies, "*.cedar")
            .Select(f => (Path.GetFileName(f), File.ReadAllText(f)))
            .Append(("95-note.cedar", Note("aaaa")))
            .ToArray();
        await volume.PublishAsync(sample);
        await using var world = await World.CreateAsync(before: w => w.Policies = directory);
        var first = await world.Peer.AnnouncedAsync(1);

        // Of the same length and time, behind links that stay as they are.
        sample[^1] = ("95-note.cedar", Note("bbbb"));
        await volume.PublishAsync(sample);
        var second = await world.Peer.AnnouncedAsync(2);
        await volume.PublishAsync([.. sample, ("90-extra.cedar", Extra)]);
        var third = await world.Peer.AnnouncedAsync(3);

        Assert.That(second.Bundle, Is.Not.EqualTo(first.Bundle));
        Assert.That(third.Policies, Is.EqualTo(first.Policies + 1));
        Assert.That((await world.Policy.HealthAsync()).Report, Does.StartWith("{\"status\":\"healthy\""));

        // A key of a ConfigMap can be mounted into a subdirectory, where it is not in force.
        await volume.PublishAsync([.. sample, ("emergency/freeze.cedar", Extra)]);
        await Eventually.Until(
            world.Policy.HealthAsync,
            h => h.Ready && h.Report.Contains("emergency/freeze.cedar: looks like a policy", StringComparison.Ordinal)
        );
        Assert.That(world.Peer.All<BundleAnnounced>().Max(a => a.Message.Activation), Is.EqualTo(3));

        static string Note(string text) =>
            $"@id(\"note\") @reason(\"{text}\") forbid (principal, action == Governance::Action::\"use\", resource);";
    }

    [Test]
    public async Task Should_go_on_looking_whatever_is_put_there()
    {
        using var figures = new Figures("governance.configuration.reloads");
        var first = await _world.Peer.AnnouncedAsync(1);
        var fifo = await Command.RunAsync("mkfifo", [_world.PolicyFile("92-fifo.cedar")], TimeSpan.FromSeconds(10));
        Assert.That(fifo.ExitCode, Is.Zero, fifo.Error);
        File.CreateSymbolicLink(_world.PolicyFile("93-endless.cedar"), "/dev/zero");
        await using (var huge = File.Create(_world.PolicyFile("94-huge.cedar")))
        {
            huge.SetLength(1L << 40);
        }

        var (ready, report) = await Eventually.Until(
            _world.Policy.HealthAsync,
            h => h.Report.Contains("94-huge.cedar", StringComparison.Ordinal)
        );

        Assert.That(ready, report);
        Assert.That(report, Does.Contain("it is a FIFO").And.Contain("it is a device"));
        Assert.That(_world.Policy.Log.Of("BundleRefused"), Has.Some.Property("Message").Contains("94-huge.cedar"));
        var refused = figures.Of("bundle", "refused");
        var announced = _world.Peer.All<BundleAnnounced>().Count;
        await Eventually.Until(() => Task.FromResult(_world.Peer.All<BundleAnnounced>().Count), Is.GreaterThan(announced + 1));
        Assert.That(figures.Of("bundle", "refused"), Is.EqualTo(refused).And.GreaterThan(0), "told once, not at every look");

        foreach (var name in new[] { "92-fifo.cedar", "93-endless.cedar", "94-huge.cedar" })
        {
            File.Delete(_world.PolicyFile(name));
        }

        await File.WriteAllTextAsync(_world.PolicyFile("90-extra.cedar"), Extra);
        Assert.That((await _world.Peer.AnnouncedAsync(2)).Policies, Is.EqualTo(first.Policies + 1));
    }

    [Test]
    public async Task Should_go_on_with_what_is_stored_when_it_starts_with_invalid_files()
    {
        var first = await _world.Peer.AnnouncedAsync(1);
        await _world.Policy.DisposeAsync();
        await File.WriteAllTextAsync(_world.PolicyFile("91-bad.cedar"), "permit (");
        var before = _world.Peer.All<BundleAnnounced>().Count;

        await _world.StartPolicyAsync();
        await _world.Policy.ReadyAsync();

        await Eventually.Until(() => Task.FromResult(_world.Peer.All<BundleAnnounced>().Count), Is.GreaterThan(before));
        Assert.That(
            _world.Peer.All<BundleAnnounced>().Select(a => (a.Message.Activation, a.Message.Bundle)),
            Is.All.EqualTo((1L, first.Bundle))
        );
        Assert.That((await _world.Policy.HealthAsync()).Report, Does.Contain("degraded"));
    }

    [Test]
    public async Task Should_not_be_ready_without_any_valid_bundle()
    {
        await using var empty = await World.CreateAsync(before: w => File.WriteAllText(w.PolicyFile("91-bad.cedar"), "permit ("));

        var (ready, report) = await Eventually.Until(
            empty.Policy.HealthAsync,
            h => h.Report.Contains("The bundle was refused", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60)
        );

        Assert.That(ready, Is.False, report);
        Assert.That(empty.Peer.All<BundleAnnounced>(), Is.Empty);
    }
}
