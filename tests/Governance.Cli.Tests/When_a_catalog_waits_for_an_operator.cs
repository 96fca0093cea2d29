using System.Text.Json.Nodes;
using Governance.Catalog;
using Governance.Cli.Tests.Running;
using Governance.Testing;

namespace Governance.Cli.Tests;

/// <summary>An operator at a terminal, against a real Lifecycle whose catalog's files have lost something.</summary>
[NonParallelizable]
public sealed class When_a_catalog_waits_for_an_operator
{
    private const string Kim = "kim@example.com";
    private readonly string _catalog = Directory.CreateTempSubdirectory("governance-catalog-").FullName;
    private World _world = null!;

    [OneTimeSetUp]
    public async Task EnterAsync()
    {
        File.Copy(RepositoryRoot.File("deploy", "catalog", "sample.yaml"), Path.Combine(_catalog, "sample.yaml"));
        await File.WriteAllTextAsync(
            People,
            "people: [{ id: p-0e1f2a3b, name: zoe@example.com }, { id: p-1e1f2a3b, name: max@example.com }]\n"
        );
        _world = await World.CreateAsync(
            "Lifecycle:CatalogShrinkCount=1",
            "Lifecycle:CatalogShrinkShare=0",
            "Lifecycle:CatalogDirectory=" + _catalog
        );
    }

    [OneTimeTearDown]
    public async Task LeaveAsync()
    {
        await _world.DisposeAsync();
        Directory.Delete(_catalog, recursive: true);
    }

    [Test]
    public async Task Should_be_shown_and_come_in_force_by_an_operators_word()
    {
        var whole = CatalogLoader.Load(_catalog).Digest;
        var before = await ShowAsync();
        Assert.That((before.ExitCode, before.Output.Trim()), Is.EqualTo((ExitCodes.Success, "in force: " + whole)), before.ToString());
        var nothing = await AcceptAsync("sha256:" + new string('0', 64), "--reason", "just so");
        Assert.That(nothing.ExitCode, Is.EqualTo(ExitCodes.Usage), "nothing is held: " + nothing);

        var people = await File.ReadAllTextAsync(People);
        File.Delete(People);
        var smaller = CatalogLoader.Load(_catalog).Digest;
        var held = await Eventually.Until(() => ShowAsync(), run => run.Output.Contains("held", StringComparison.Ordinal));

        Assert.That(held.ExitCode, Is.EqualTo(ExitCodes.Failure), held.ToString());
        Assert.That(held.Lines[0], Is.EqualTo("in force: " + whole));
        Assert.That(held.Lines[1], Does.StartWith($"held: {smaller} since 20").And.Not.Contains("accepted"));
        Assert.That(held.Lines[2], Is.EqualTo("it lacks 2 of 6 people, and has 4"));
        var json = await ShowAsync("--output", "json");
        Assert.That((json.ExitCode, (string?)json.Json["held"]!["catalog"]), Is.EqualTo((ExitCodes.Failure, smaller)), json.ToString());

        // Put back byte for byte, nothing is held any more, and there is nothing to accept until it is lost again.
        await File.WriteAllTextAsync(People, people);
        await Eventually.Until(async () => (await ShowAsync()).Output.Trim(), Is.EqualTo("in force: " + whole));
        Assert.That((await ShowAsync()).ExitCode, Is.EqualTo(ExitCodes.Success));
        var late = await AcceptAsync(smaller, "--reason", "meant");
        Assert.That(late.ExitCode, Is.EqualTo(ExitCodes.Usage), late.ToString());
        Assert.That(late.Error, Does.Contain("No catalog waits for a word"));
        File.Delete(People);
        await Eventually.Until(() => ShowAsync(), run => run.Output.Contains("held", StringComparison.Ordinal));
        var nobody = await RunAsync("accept", smaller, "--reason", "meant", "--as", "nobody");
        Assert.That(nobody.ExitCode, Is.EqualTo(ExitCodes.Usage), nobody.ToString());
        Assert.That(nobody.Error, Does.Contain("--as, or GOVERNANCE_ACTOR: the catalog in force has no active principal 'nobody'."));

        foreach (
            var (wrong, why) in new[]
            {
                (await AcceptAsync(smaller), "no reason"),
                (await AcceptAsync(whole[..^1] + (whole[^1] == '0' ? '1' : '0'), "--reason", "meant"), "not the one that is held"),
                (await RunAsync("accept", smaller, "--reason", "meant", "--as", "svc-reporting"), "no person"),
                (await RunAsync("accept", smaller, "--reason", "meant"), "nobody says who"),
            }
        )
        {
            Assert.That(wrong.ExitCode, Is.EqualTo(ExitCodes.Usage), why + ": " + wrong);
            Assert.That(wrong.Error, Is.Not.Empty, why);
        }

        Assert.That((await ShowAsync()).Lines[0], Is.EqualTo("in force: " + whole));

        var accepted = await AcceptAsync(smaller, "--reason", "CHG0042: the team has left");

        Assert.That(
            (accepted.ExitCode, accepted.Output.Trim()),
            Is.EqualTo((ExitCodes.Success, "in force: " + smaller)),
            accepted.ToString()
        );
        var after = await ShowAsync();
        Assert.That((after.ExitCode, after.Output.Trim()), Is.EqualTo((ExitCodes.Success, "in force: " + smaller)), after.ToString());
        await using var command = _world.Events.CreateCommand(
            "select data::text from lifecycle.mt_events where type = 'catalog-accepted.v1'"
        );
        var recorded = JsonNode.Parse((string)(await command.ExecuteScalarAsync())!)!;
        Assert.That((string?)recorded["actor"]!["kind"], Is.EqualTo("human"));
        Assert.That(recorded.ToJsonString(), Does.Not.Contain("CHG0042"), "what people write is kept beside the event");

        var again = await AcceptAsync(smaller, "--reason", "once more");
        Assert.That(again.ExitCode, Is.EqualTo(ExitCodes.Success), "it is in force already: " + again);
    }

    [Test]
    public async Task Should_say_that_lifecycle_is_not_there()
    {
        const string Nowhere = "http://127.0.0.1:1";

        var show = await CommandLine.RunAsync("catalog", "show", "--lifecycle", Nowhere);
        var accept = await CommandLine.RunAsync(
            "catalog",
            "accept",
            "sha256:" + new string('0', 64),
            "--reason",
            "meant",
            "--as",
            Kim,
            "--lifecycle",
            Nowhere
        );

        Assert.That((show.ExitCode, accept.ExitCode), Is.EqualTo((ExitCodes.Unreachable, ExitCodes.Unreachable)));
    }

    private string People => Path.Combine(_catalog, "people.yaml");

    private Task<Run> ShowAsync(params string[] more) => RunAsync(["show", .. more]);

    private Task<Run> AcceptAsync(string digest, params string[] more) => RunAsync(["accept", digest, "--as", Kim, .. more]);

    private Task<Run> RunAsync(params string[] arguments) =>
        CommandLine.RunAsync(["catalog", .. arguments, "--lifecycle", _world.Lifecycle.Url]);
}
