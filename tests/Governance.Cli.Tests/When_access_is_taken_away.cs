using System.Text;
using System.Text.Json.Nodes;
using Governance.Cli.Tests.Running;
using Governance.Contracts.Issuance;
using Governance.Testing;

namespace Governance.Cli.Tests;

/// <summary>An operator at a terminal, or a script of theirs, against a real Lifecycle.</summary>
[NonParallelizable]
public sealed class When_access_is_taken_away
{
    private const string Kim = "kim@example.com";
    private const string Zoe = "zoë@例え.example";
    private readonly string _catalog = Directory.CreateTempSubdirectory("governance-catalog-").FullName;
    private World _world = null!;

    [OneTimeSetUp]
    public async Task EnterAsync()
    {
        File.Copy(RepositoryRoot.File("deploy", "catalog", "sample.yaml"), Path.Combine(_catalog, "sample.yaml"));
        await File.WriteAllTextAsync(Path.Combine(_catalog, "people.yaml"), $"people: [{{ id: p-0e1f2a3b, name: {Zoe} }}]\n");
        _world = await World.CreateAsync(
            "Lifecycle:RevocationGuardCount=1",
            "Lifecycle:RevocationGuardShare=0",
            "Lifecycle:CatalogDirectory=" + _catalog
        );
    }

    [OneTimeTearDown]
    public async Task LeaveAsync()
    {
        await _world.DisposeAsync();
        Directory.Delete(_catalog, recursive: true);
    }

    [SetUp]
    public void Relent()
    {
        _world.Peers.Stubborn.Clear();
        _world.Peers.Paths.Clear();
    }

    [Test]
    public async Task Should_be_shown_before()
    {
        var grant = await ReadingAsync("svc-billing");

        var run = await RunAsync("revoke", "--principal", "svc-billing", "--entitlement", "orders-db/readonly", "--preview");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That(run.Lines[0], Does.Match("^[0-9]+ of [0-9]+ grants would be ended"));
        Assert.That(run.Lines, Has.Some.Contains(grant.ToString()).And.Contains("svc-billing").And.Contains("active"));
        var json = await RunAsync("revoke", "--principal", "svc-billing", "--entitlement", "orders-db/readonly", "--preview", "-o", "json");
        Assert.That((int)json.Json["hit"]!, Is.GreaterThan(0));
        Assert.That(await _world.StateAsync(grant), Is.EqualTo("active"));
    }

    [Test]
    public async Task Should_need_the_number_where_nobody_can_be_asked()
    {
        var grants = new[] { await ReadingAsync("svc-billing"), await ReadingAsync("svc-billing") };
        var preview = await RunAsync("revoke", "--principal", "svc-billing", "--preview", "--output", "json");
        var number = preview.Json["hit"]!.ToString();

        var run = await RevokeAsync("--principal", "svc-billing");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.Contain("--confirm " + number));
        Assert.That(await _world.StateAsync(grants[0]), Is.EqualTo("active"));
        run = await RevokeAsync("--principal", "svc-billing", "--confirm", "1");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), "the service counts too");
        Assert.That(run.Error, Does.Contain("confirm: 1 is not the number of grants that this ends now, " + number));
        Assert.That(await Task.WhenAll(grants.Select(_world.StateAsync)), Is.All.EqualTo("active"), "nothing is ordered");

        run = await RevokeAsync("--principal", "svc-billing", "--confirm", number, "--output", "json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That((string?)run.Json["state"], Is.EqualTo("finished"));
        Assert.That((int)run.Json["gone"]! + (int)run.Json["prevented"]!, Is.EqualTo((int)run.Json["matched"]!));
        Assert.That(await Task.WhenAll(grants.Select(_world.StateAsync)), Is.All.EqualTo("ended"));
    }

    [Test]
    public async Task Should_ask_whoever_watches()
    {
        var grants = new[] { await ReadingAsync("svc-reporting"), await ReadingAsync("svc-reporting") };
        string[] args = ["revoke", "--principal", "svc-reporting", "--reason", "stolen", "--as", Kim, "--lifecycle", _world.Lifecycle.Url];

        var run = await CommandLine.AnswerAsync("yes", args);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.Contain("Type the number to confirm").And.Contain("not confirmed"));
        Assert.That(await _world.StateAsync(grants[0]), Is.EqualTo("active"));

        var number = (await RunAsync("revoke", "--principal", "svc-reporting", "--preview", "-o", "json")).Json["hit"]!.ToString();
        run = await CommandLine.AnswerAsync(number, args);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That(await Task.WhenAll(grants.Select(_world.StateAsync)), Is.All.EqualTo("ended"));
    }

    [Test]
    public async Task Should_say_what_the_target_does_not_let_go()
    {
        var grant = await ReadingAsync("svc-reporting");
        _world.Peers.Stubborn["svc-reporting"] = true;

        var run = await RevokeAsync(
            "--principal",
            "svc-reporting",
            "--confirm",
            await HitAsync("--principal", "svc-reporting"),
            "--timeout",
            "PT2S"
        );

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(run.Lines, Has.Some.Contains(grant.ToString()).And.Contains("unreachable: connection refused (attempt 1)"));
        var list = await RunAsync("grants", "list", "--state", "revoke-failed");
        Assert.That(
            list.Lines,
            Has.Some.Contains(grant.ToString()).And.Contains("connection refused").And.Match("[0-9]{2}:[0-9]{2}:[0-9]{2}")
        );
        var shown = await RunAsync("grants", "show", grant.ToString());
        Assert.That(shown.Lines, Has.Some.Contains("next attempt").And.Match("20[0-9]{2}-"));
        Assert.That(shown.Lines, Has.Some.Contains("at the target").And.Contains("to be absent"));
    }

    [Test]
    public async Task Should_say_what_is_still_there_by_another_path()
    {
        var grant = await ReadingAsync("svc-billing");
        _world.Peers.Paths["svc-billing"] = "svc_billing is in reporting, which is in orders_readonly";

        var run = await RevokeAsync(
            "--principal",
            "svc-billing",
            "--entitlement",
            "orders-db/readonly",
            "--confirm",
            await HitAsync("--principal", "svc-billing", "--entitlement", "orders-db/readonly")
        );

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        const string Still = "still effective by svc_billing is in reporting, which is in orders_readonly";
        Assert.That(run.Lines, Has.Some.Contains(grant.ToString()).And.Contains("svc-billing orders-db/readonly").And.Contains(Still));
        Assert.That(await _world.StateAsync(grant), Is.EqualTo("ended"));
        Assert.That(
            (await RunAsync("grants", "list", "--output", "text")).Lines,
            Has.Some.StartsWith($"{grant}: ended").And.Contains(Still)
        );
        Assert.That(
            (await RunAsync("grants", "show", grant.ToString(), "--output", "text")).Lines,
            Has.Some.EqualTo("still there: " + Still)
        );
    }

    [Test]
    public async Task Should_not_wait_when_told_so_and_be_the_same_order_by_the_same_key()
    {
        await ReadingAsync("agent-triage");
        var number = await HitAsync("--principal", "agent-triage");
        string[] args = ["--principal", "agent-triage", "--no-wait", "--key", "incident-9", "--confirm", number, "--output", "json"];

        var (run, again) = (await RevokeAsync(args), await RevokeAsync(args));

        Assert.That((run.ExitCode, again.ExitCode), Is.EqualTo((ExitCodes.Success, ExitCodes.Success)), run.ToString());
        Assert.That(again.Json["id"]!.ToString(), Is.EqualTo(run.Json["id"]!.ToString()));
    }

    [Test]
    public async Task Should_take_names_and_reasons_in_any_writing()
    {
        await ReadingAsync("agent-triage");

        var run = await RunAsync([
            "revoke",
            "--principal",
            "agent-triage",
            "--confirm",
            await HitAsync("--principal", "agent-triage"),
            "-o",
            "json",
            "--as",
            Zoe,
            "--key",
            "störung-9",
            "--reason",
            "@oncall: gestohlen",
        ]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        var order = JsonNode.Parse(
            await _world.Lifecycle.Http.GetStringAsync(new Uri($"/v1/revocations/{run.Json["id"]}", UriKind.Relative))
        )!;
        Assert.That(((string?)order["orderedBy"], (string?)order["reason"]), Is.EqualTo((Zoe, "@oncall: gestohlen")), order.ToJsonString());
    }

    [Test]
    public async Task Should_say_that_the_order_goes_on_when_the_program_is_stopped()
    {
        await ReadingAsync("svc-reporting");
        _world.Peers.Stubborn["svc-reporting"] = true;

        var number = await HitAsync("--principal", "svc-reporting");
        var run = await CommandLine.StopAsync(
            "INT",
            errors => Eventually.Until(() => Task.FromResult(errors()), Does.Contain("is given"), TimeSpan.FromSeconds(60)),
            [
                "revoke",
                "--reason",
                "stolen",
                "--as",
                Kim,
                "--principal",
                "svc-reporting",
                "--confirm",
                number,
                "--lifecycle",
                _world.Lifecycle.Url,
            ]
        );

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCodes.Interrupted, "")), run.ToString());
        var lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var order = lines[0].Split(' ')[2];
        var address = $"{_world.Lifecycle.Url.TrimEnd('/')}/v1/revocations/{order}";
        Assert.That(
            lines,
            Is.EqualTo(
                new[]
                {
                    $"The order {order} is given: it goes on, whatever becomes of this program.",
                    $"governance: interrupted: the order {order} goes on. How far it is: {address}",
                }
            )
        );
        Assert.That(await _world.Lifecycle.Http.GetStringAsync(new Uri(address)), Does.Contain(order), "that is the place to look");
    }

    [Test]
    public async Task Should_show_who_may_approve_and_who_did()
    {
        var grant = await _world.RequestAsync("svc-billing", "orders-db/writer", "awaiting-approval");

        var waiting = await RunAsync("grants", "show", grant.ToString(), "-o", "text");

        Assert.That(
            waiting.Lines,
            Has.One.EqualTo("requested for: PT1H")
                .And.One.StartsWith("gate ")
                .And.One.Contains("needs 1 of group:dba-oncall")
                .And.One.EndsWith("; not open")
                .And.One.EqualTo("may approve for group:dba-oncall: omar@example.com, lee@example.com"),
            waiting.ToString()
        );
        using (var approve = new HttpRequestMessage(HttpMethod.Post, $"/v1/grants/{grant}/approve"))
        {
            approve.Headers.Add("X-Governance-Actor", "lee@example.com");
            approve.Content = new StringContent("""{"duration":"PT30M"}""", Encoding.UTF8, "application/json");
            using var answer = await _world.Lifecycle.Http.SendAsync(approve);
            Assert.That(answer.IsSuccessStatusCode, Is.True, await answer.Content.ReadAsStringAsync());
        }

        await Eventually.Until(() => _world.StateAsync(grant), Is.EqualTo("active"), TimeSpan.FromSeconds(60));
        var given = await RunAsync("grants", "show", grant.ToString(), "-o", "text");

        Assert.That(
            given.Lines,
            Has.One.EqualTo("requested for: PT1H")
                .And.One.EqualTo("given for: PT30M")
                .And.One.EndsWith("; opened; group:dba-oncall: lee@example.com")
                .And.One.StartsWith("approved by lee@example.com: ")
                .And.One.EndsWith(", verified by http, for at most PT30M")
                .And.One.StartsWith("at most: PT"),
            given.ToString()
        );
        Assert.That(given.Output, Does.Not.Contain("may approve"));
        var table = await RunAsync("grants", "show", grant.ToString());
        Assert.That(table.Lines, Has.Some.Contains("approved by lee@example.com"));
    }

    [Test]
    public async Task Should_list_what_was_asked_for()
    {
        var grant = await ReadingAsync("svc-reporting");

        var table = await RunAsync("grants", "list", "--principal", "svc-reporting", "--state", "active");
        var json = await RunAsync("grants", "list", "--target", "orders-db", "--limit", "0", "--output", "json");
        var text = await RunAsync("grants", "list", "--output", "text");

        Assert.That(table.Lines, Has.Some.Contains(grant.ToString()).And.Contains("orders-db/readonly").And.Contains("active"));
        Assert.That(json.Json["grants"]!.AsArray().Select(g => (Guid)g!["id"]!), Does.Contain(grant));
        Assert.That(json.Json["grants"]!.AsArray()[0]!["links"], Is.Not.Null, "as Lifecycle describes them");
        Assert.That(text.Lines, Has.Some.StartsWith($"{grant}: active svc-reporting orders-db/readonly until "));
        Assert.That((await RunAsync("grants", "list", "--target", "ledger-db", "-o", "json")).Json["grants"]!.AsArray(), Is.Empty);
        var little = await RunAsync("grants", "list", "--limit", "1");
        Assert.That(little.Error, Does.Contain("more than 1"));
        var wrong = await RunAsync("grants", "list", "--state", "gone");
        Assert.That(wrong.ExitCode, Is.EqualTo(ExitCodes.Usage));
        Assert.That(wrong.Error, Does.Contain("revoke-failed"), "it names the states that there are");
    }

    [Test]
    public async Task Should_say_what_the_policy_says_that_denied_it()
    {
        var shown = await RunAsync("grants", "show", _world.Denied.ToString(), "-o", "text");

        Assert.That(shown.Lines, Has.Some.StartsWith("policy orders-db-owner-never-for-a-service-account: "));
    }

    [Test]
    public async Task Should_say_that_somebody_changed_it_at_the_target_and_who_had_it_tried_again()
    {
        var grant = await ReadingAsync("svc-billing");
        // The target is read for its own reasons, too, and what was read last counts.
        await Eventually.Until(
            async () =>
            {
                await RereadAsync(grant, direct: true, "at the exchange orders: write=^a$");
                return (await RunAsync("grants", "list", "-o", "text")).Lines;
            },
            Has.Some.StartsWith($"{grant}: active svc-billing").And.Contains("but narrowed at the target")
        );
        Assert.That(
            (await RunAsync("grants", "show", grant.ToString(), "-o", "text")).Lines,
            Does.Contain("narrowed by: at the exchange orders: write=^a$")
        );

        await RereadAsync(grant, direct: false);
        await Eventually.Until(
            async () => (await RunAsync("grants", "list")).Lines,
            Has.Some.Contains(grant.ToString()).And.Contains("active, but not at the target")
        );

        await RunAsync("grants", "retry", grant.ToString(), "--as", Kim);
        Assert.That((await RunAsync("grants", "list")).Lines, Has.Some.Contains(grant.ToString()).And.Contains("retry ordered by " + Kim));
        Assert.That(
            (await RunAsync("grants", "show", grant.ToString(), "-o", "text")).Lines,
            Has.Some.StartsWith("retry ordered: by " + Kim)
        );
    }

    [Test]
    public async Task Should_list_sweeps_and_confirm_only_one_that_is_held()
    {
        var list = await RunAsync("sweeps", "list", "-o", "json");
        Assert.That(list.ExitCode, Is.EqualTo(ExitCodes.Success), list.ToString());
        var sweep = (string)list.Json["sweeps"]![0]!["id"]!;
        Assert.That((await RunAsync("sweeps", "list")).Lines, Has.Some.Contains(sweep));

        var run = await RunAsync("sweeps", "confirm", sweep, "--as", Kim);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.Contain("nothing to confirm"));
        run = await RunAsync("sweeps", "confirm", Guid.NewGuid().ToString(), "--as", Kim);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
    }

    [Test]
    public async Task Should_say_that_there_is_no_such_grant()
    {
        var run = await RunAsync("grants", "show", Guid.NewGuid().ToString());

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure));
        Assert.That((await RunAsync("grants", "show", "svc-reporting")).ExitCode, Is.EqualTo(ExitCodes.Usage));
    }

    [TestCase("--as", "revoke", "--principal", "svc-reporting", "--reason", "stolen")]
    [TestCase("--reason", "revoke", "--principal", "svc-reporting", "--as", Kim)]
    [TestCase("at least one of --principal", "revoke", "--reason", "stolen", "--as", Kim)]
    [TestCase("--ticket-system", "revoke", "--principal", "svc-reporting", "--ticket-system", "jira", "--reason", "stolen", "--as", Kim)]
    [TestCase("svc-reportin", "revoke", "--principal", "svc-reportin", "--reason", "stolen", "--as", Kim)]
    [TestCase("Only a person", "revoke", "--principal", "agent-triage", "--reason", "stolen", "--as", "svc-billing", "--confirm", "9")]
    public async Task Should_say_what_is_wrong(string named, params string[] args)
    {
        var run = await RunAsync(args);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.Contain(named));
    }

    private async Task RereadAsync(Guid grant, bool direct, params string[] narrowed)
    {
        var view = await _world.Lifecycle.GetAsync($"/v1/grants/{grant}");
        await _world.Peers.SendAsync(
            new HoldingObserved
            {
                Principal = "svc-billing",
                Entitlement = "orders-db/readonly",
                Revision = (long)view["holding"]!["revision"]!,
                Direct = direct,
                Effective = direct,
                Narrowed = narrowed,
                Reread = true,
                ObservedAt = TimeProvider.System.Now(),
            }
        );
    }

    private Task<Guid> ReadingAsync(string principal) => _world.RequestAsync(principal, "orders-db/readonly", "active");

    // As an operator reads it in the preview.
    private async Task<string> HitAsync(params string[] selector) =>
        (await RunAsync(["revoke", .. selector, "--preview", "--output", "json"])).Json["hit"]!.ToString();

    private Task<Run> RevokeAsync(params string[] args) => RunAsync(["revoke", "--reason", "stolen", "--as", Kim, .. args]);

    private Task<Run> RunAsync(params string[] args) => CommandLine.RunAsync([.. args, "--lifecycle", _world.Lifecycle.Url]);
}
