using Governance.Cli.Tests.Running;

namespace Governance.Cli.Tests;

/// <summary>Against a real Lifecycle that decided some requests with the sample policies.</summary>
[NonParallelizable]
public sealed class When_a_bundle_is_simulated
{
    private World _world = null!;

    [OneTimeSetUp]
    public async Task EnterAsync() => _world = await World.SharedAsync();

    [Test]
    public async Task Should_change_nothing_with_the_same_policies()
    {
        using var bundle = Bundle.Sample();

        var run = await SimulateAsync(bundle, "--fail-on", "lose,gain,approval,no-approval,duration");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That(
            run.Lines,
            Is.EqualTo(new[] { "3 requests (1 active): 3 none, 0 gain, 0 lose, 0 approval, 0 no-approval, 0 duration" })
        );
    }

    [Test]
    public async Task Should_fail_where_active_access_was_not_seen()
    {
        using var bundle = Bundle.Sample();

        var told = await SimulateAsync(bundle, "--since", "1000000", "--against", "decided");
        var asked = await SimulateAsync(bundle, "--since", "1000000", "--against", "decided", "--fail-on", "lose");

        Assert.That((told.ExitCode, asked.ExitCode), Is.EqualTo((ExitCodes.Success, ExitCodes.Failure)), asked.ToString());
        Assert.That(told.ToString(), Does.Contain($"grant {_world.Active}: active, and decided before what was read"));
        Assert.That(
            told.Error,
            Does.Match("--since: nothing was decided from sequence 1000000 on; the last decision has the sequence [0-9]+")
        );
    }

    [Test]
    public async Task Should_compare_with_the_bundle_in_force_and_not_with_what_another_decided()
    {
        await using var otherwise = await _world.TamperAsync(
            _world.Denied,
            "decision-recorded.v1",
            "jsonb_set(data, '{decision,outcome}', '\"permit\"')"
        );
        using var bundle = Bundle.Sample();

        var inForce = await SimulateAsync(bundle, "--output", "json");
        var decided = await SimulateAsync(bundle, "--against", "decided", "--output", "json");

        Assert.That(inForce.Json["changes"]!.AsArray(), Is.Empty, inForce.ToString());
        Assert.That(((string?)inForce.Json["against"], (int?)inForce.Json["grants"]), Is.EqualTo(("in-force", 3)));
        Assert.That((string?)inForce.Json["inForce"], Is.EqualTo((string?)inForce.Json["bundle"]));
        var change = decided.Json["changes"]!.AsArray().Single()!;
        Assert.That(((string?)change["change"], (Guid?)change["grantId"]), Is.EqualTo(("lose", _world.Denied)), decided.ToString());
    }

    [TestCase("P7D", 3)]
    [TestCase("2020-01-01", 3)]
    [TestCase("1", 3)]
    [TestCase("2999-01-01T00:00:00Z", 1)]
    [TestCase("1000000", 1)]
    public async Task Should_judge_what_is_recent_and_all_that_is_active(string since, int grants)
    {
        using var bundle = Bundle.Sample();

        var run = await SimulateAsync(bundle, "--since", since, "--fail-on", "lose", "--output", "json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That(((int?)run.Json["grants"], (int?)run.Json["active"]), Is.EqualTo((grants, 1)), run.ToString());
    }

    [TestCase("--since", "soon")]
    [TestCase("--since", "P99999999D")]
    [TestCase("--against", "yesterday")]
    public async Task Should_name_what_it_can_not_read(string option, string value)
    {
        using var bundle = Bundle.Sample();

        var run = await SimulateAsync(bundle, option, value);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.StartWith($"{option}: '{value}' is no"));
    }

    [Test]
    public async Task Should_leave_out_what_the_catalog_in_force_does_not_have()
    {
        await using var gone = await _world.TamperAsync(
            _world.Waiting,
            "evaluation-started.v1",
            "jsonb_set(data, '{facts}', to_jsonb(replace(data ->> 'facts', '\"entitlement\":\"orders-db/writer\"', '\"entitlement\":\"orders-db/gone\"')))"
        );
        using var bundle = Bundle.Sample();

        var run = await SimulateAsync(bundle);

        Assert.That(run.Lines[^1], Does.StartWith("2 requests (1 active): 2 none"), run.ToString());
        Assert.That(run.Error, Does.StartWith("1 requests are left out"));
    }

    [Test]
    public async Task Should_say_that_the_bundle_in_force_can_not_be_had()
    {
        using var bundle = Bundle.Sample();

        var run = await CommandLine.RunAsync([
            "policy",
            "simulate",
            "--bundle",
            bundle.Path,
            "--lifecycle",
            _world.Lifecycle.Url,
            "--policy",
            "http://127.0.0.1:1",
        ]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Unreachable), run.ToString());
        Assert.That(run.Error, Does.Contain("http://127.0.0.1:1"));
    }

    [Test]
    public async Task Should_say_who_would_lose()
    {
        using var bundle = Bundle
            .Sample()
            .Change("30-orders-db.cedar", "context.ticket.state == \"approved\"", "context.ticket.state == \"implement\"");

        var run = await SimulateAsync(bundle, "--output", "json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success));
        var change = run.Json["changes"]!.AsArray().Single()!;
        Assert.That((string?)change["change"], Is.EqualTo("lose"));
        Assert.That((Guid?)change["grantId"], Is.EqualTo(_world.Active));
        Assert.That((bool?)change["active"], Is.True);
        Assert.That((string?)change["recorded"], Is.EqualTo("permit"));
        Assert.That((string?)change["candidate"], Is.EqualTo("forbid"));
        Assert.That((string?)change["because"]![0], Is.EqualTo("no-permit"));
    }

    [Test]
    public async Task Should_say_which_access_could_not_stay()
    {
        using var bundle = Bundle
            .Sample()
            .With("90-new.cedar", "@id(\"nothing-stays\")\nforbid (principal, action == Governance::Action::\"retain\", resource);");

        var run = await SimulateAsync(bundle);

        Assert.That(
            run.Lines[0],
            Does.StartWith($"lose: active grant {_world.Active}").And.Contains("taken away (nothing-stays)"),
            run.ToString()
        );
        Assert.That(run.Lines[^1], Does.Contain(" 1 lose, "));
    }

    [Test]
    public async Task Should_say_who_would_gain()
    {
        using var bundle = Bundle
            .Sample()
            .Change(
                "20-guardrails.cedar",
                "forbid (\n  principal is Governance::ServiceAccount,",
                "forbid (\n  principal is Governance::AiAgent,"
            )
            .With(
                "90-new.cedar",
                "@id(\"own-it\")\n@risk(\"high\")\n@rationale(\"A test.\")\npermit (principal, action in Governance::Action::\"hold\", resource == Governance::Entitlement::\"orders-db/owner\");"
            );

        var run = await SimulateAsync(bundle, "--output", "table", "--fail-on", "gain");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(run.Lines, Has.One.Contains("| gain").And.Contains(_world.Denied.ToString()).And.Contains("own-it"));
    }

    [Test]
    public async Task Should_say_who_would_need_approval()
    {
        using var bundle = Bundle
            .Sample()
            .With(
                "90-new.cedar",
                "@id(\"ask-first\")\n@approval(\"1 of owner\")\nforbid (principal, action == Governance::Action::\"issue\", resource);"
            );

        var run = await SimulateAsync(bundle, "--fail-on", "lose,gain");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success));
        Assert.That(run.Lines[0], Does.StartWith($"approval: active grant {_world.Active}").And.Contains("ask-first"), run.ToString());
    }

    [Test]
    public async Task Should_say_who_would_need_none_and_who_would_get_less()
    {
        using var bundle = Bundle
            .Sample()
            .Change("30-orders-db.cedar", "@maxDuration(\"PT8H\")", "@maxDuration(\"PT30M\")")
            .Change("30-orders-db.cedar", "when { resource.risk == \"high\" }", "when { resource.risk == \"medium\" }");

        var run = await SimulateAsync(bundle, "--fail-on", "no-approval");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(run.Lines, Has.One.StartsWith($"no-approval: grant {_world.Waiting}"));
        Assert.That(run.Lines, Has.One.StartsWith($"duration: active grant {_world.Active}").And.Contains("permit PT1H → permit PT30M"));
    }

    [Test]
    public async Task Should_say_that_a_change_may_be_of_the_rules()
    {
        await using var older = await _world.TamperAsync(_world.Denied, "decision-recorded.v1", "data #- '{decision,rules}'");
        using var bundle = Bundle.Sample();

        var run = await SimulateAsync(bundle, "--against", "decided");

        Assert.That(run.Error, Does.StartWith("1 decisions were made by other rules"), run.ToString());
    }

    [Test]
    public async Task Should_not_simulate_a_bundle_that_is_refused()
    {
        using var bundle = Bundle.Sample().With("90-new.cedar", "permit");

        var run = await SimulateAsync(bundle);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage));
        Assert.That(run.Error, Does.Contain("90-new.cedar:1:"));
    }

    [Test]
    public async Task Should_say_that_lifecycle_is_not_there()
    {
        using var bundle = Bundle.Sample();

        var run = await CommandLine.RunAsync("policy", "simulate", "--bundle", bundle.Path, "--lifecycle", "http://127.0.0.1:1");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Unreachable), run.ToString());
    }

    [Test]
    public async Task Should_refuse_changes_that_it_does_not_know()
    {
        using var bundle = Bundle.Sample();

        var run = await SimulateAsync(bundle, "--fail-on", "lose,win");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage));
        Assert.That(run.Error, Does.Contain("'win' is none of gain, lose, approval, no-approval, duration"));
    }

    private Task<Run> SimulateAsync(Bundle bundle, params string[] more) =>
        CommandLine.RunAsync(["policy", "simulate", "--bundle", bundle.Path, .. _world.Addresses, .. more]);
}
