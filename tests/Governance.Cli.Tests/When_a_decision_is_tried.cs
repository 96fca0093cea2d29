using Governance.Cli.Tests.Running;

namespace Governance.Cli.Tests;

/// <summary>Dry runs at a real Policy, with facts from a real Lifecycle.</summary>
[NonParallelizable]
public sealed class When_a_decision_is_tried
{
    private World _world = null!;

    [OneTimeSetUp]
    public async Task EnterAsync() => _world = await World.SharedAsync();

    [Test]
    public async Task Should_show_what_is_permitted_and_how_long()
    {
        var run = await TryAsync("orders-db/readonly", "--ticket", "RITM1", "--ticket-state", "approved", "--duration", "PT20H");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That(
            run.Lines,
            Is.SupersetOf(
                new[]
                {
                    "permit: permitted",
                    "  for PT8H from activation",
                    "  cut from PT20H to PT8H by catalog",
                    "  permit orders-db-readonly: Reading orders is issued on an approved ticket.",
                }
            )
        );
    }

    [Test]
    public async Task Should_show_which_gates_are_in_the_way()
    {
        var run = await TryAsync("orders-db/writer", "--duration", "PT1H");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.ApprovalRequired), run.ToString());
        Assert.That(
            run.Lines,
            Is.SupersetOf(
                new[]
                {
                    "approval-required: approval-required",
                    "  gate high-risk-needs-a-dba: needs 1 of group:dba-oncall",
                    "  review within P7D",
                    "  tells group:dba-oncall",
                }
            )
        );
    }

    [Test]
    public async Task Should_name_what_there_is_not()
    {
        var run = await TryAsync("orders-db/readnly", "--duration", "PT1H");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.Contain("entitlement: the catalog has no 'orders-db/readnly'; did you mean 'orders-db/readonly'?"));
    }

    [Test]
    public async Task Should_show_why_not()
    {
        var run = await TryAsync("orders-db/owner", "--duration", "PT1H");
        var json = await TryAsync("orders-db/owner", "--duration", "PT1H", "--output", "json");

        Assert.That((run.ExitCode, json.ExitCode), Is.EqualTo((ExitCodes.Forbidden, ExitCodes.Forbidden)), run.ToString());
        Assert.That(run.Lines, Has.Some.StartsWith("  forbid orders-db-owner-never-for-a-service-account: "));
        Assert.That((string?)json.Json["decision"]!["outcome"], Is.EqualTo("forbid"));
        Assert.That((string?)json.Json["facts"]!["principal"], Is.EqualTo("svc-reporting"));
    }

    [Test]
    public async Task Should_show_which_permit_came_nearest_and_what_it_lacked()
    {
        string[] question = ["--duration", "PT1H", "--ticket", "RITM1", "--ticket-state", "draft"];

        var run = await TryAsync("orders-db/readonly", question);
        var json = await TryAsync("orders-db/readonly", [.. question, "--output", "json"]);
        var forbidden = await TryAsync("orders-db/owner", "--duration", "PT1H", "--output", "json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Forbidden), run.ToString());
        Assert.That(run.Lines[0], Is.EqualTo("forbid: no-permit"));
        Assert.That(
            run.Lines,
            Does.Contain("  policy \"orders-db-readonly\" came nearest: it wants ticket.state to be \"approved\", is \"draft\"")
        );
        Assert.That((string?)json.Json["decision"]!["nearest"]!["policy"], Is.EqualTo("orders-db-readonly"));
        Assert.That(forbidden.Json["decision"]!["nearest"], Is.Null, "a forbid refuses it");
    }

    [Test]
    public async Task Should_show_it_of_a_grant_that_was_denied()
    {
        var denied = await _world.RequestAsync("svc-reporting", "orders-db/readonly", "denied", ticketState: "draft");
        const string Nearest = "policy \"orders-db-readonly\" came nearest: it wants ticket.state to be \"approved\", is \"draft\"";

        async Task<Run> ShowAsync(Guid grant, string output) =>
            await CommandLine.RunAsync("grants", "show", grant.ToString(), "--lifecycle", _world.Lifecycle.Url, "--output", output);

        Assert.That(
            (await ShowAsync(denied, "text")).Lines,
            Does.Contain("decision: forbid (no-permit)").And.Contain("nearest: " + Nearest)
        );
        Assert.That((await ShowAsync(denied, "table")).Output, Does.Contain(Nearest));
        Assert.That(
            (await ShowAsync(denied, "json")).Json["decision"]!["nearest"]!["lacked"]!.AsArray().Select(part => (string?)part),
            Is.EqualTo(new[] { "ticket.state to be \"approved\", is \"draft\"" })
        );
        Assert.That((await ShowAsync(_world.Denied, "text")).Output, Does.Not.Contain("nearest"), "a forbid refused it");
        Assert.That((await ShowAsync(_world.Active, "text")).Output, Does.Not.Contain("nearest"));
    }

    [Test]
    public async Task Should_try_emergencies_as_they_would_be_believed()
    {
        string[] question = ["--duration", "PT1H", "--ticket", "INC1", "--ticket-state", "open", "--emergency"];

        var claimed = await TryAsync("orders-db/readonly", question);
        var verified = await TryAsync("orders-db/readonly", [.. question, "--verified"]);

        Assert.That(claimed.Lines[0], Is.EqualTo("forbid: emergency-unverified"));
        Assert.That(verified.Lines[0], Does.StartWith("forbid: ").And.Not.Contains("emergency-unverified"));
    }

    [Test]
    public async Task Should_send_all_of_the_ticket_and_of_the_delegation()
    {
        var run = await TryAsync(
            "orders-db/readonly",
            "--duration",
            "PT1H",
            "--ticket",
            "CHG1",
            "--ticket-assignee",
            "omar@example.com",
            "--ticket-item",
            "orders-db-1",
            "--window-start",
            "2030-01-01T08:00:00Z",
            "--window-end",
            "2030-01-01T10:00:00Z",
            "--on-behalf-of",
            "dana@example.com",
            "--output",
            "json"
        );
        var facts = run.Json["facts"]!;

        Assert.That((string?)facts["request"]!["ticket"]!["assignee"], Is.EqualTo("p-2c88e013"), run.ToString());
        Assert.That((string?)facts["request"]!["ticket"]!["configurationItem"], Is.EqualTo("orders-db-1"));
        Assert.That((string?)facts["request"]!["ticket"]!["changeWindow"]!["end"], Is.EqualTo("2030-01-01T10:00:00.000Z"));
        Assert.That((string?)facts["delegation"]![0]!["principal"], Is.EqualTo("p-7d1f4a90"));
    }

    [Test]
    public async Task Should_refuse_half_a_window()
    {
        var run = await TryAsync("orders-db/readonly", "--duration", "PT1H", "--ticket", "CHG1", "--window-end", "2030-01-01T10:00:00Z");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.Contain("give both"));
    }

    [Test]
    public async Task Should_have_a_second_name()
    {
        var run = await CommandLine.RunAsync(
            "policy",
            "decide",
            "--policy",
            _world.Policy.Url,
            "--principal",
            "svc-reporting",
            "--entitlement",
            "orders-db/owner",
            "--requester",
            "dana@example.com",
            "--duration",
            "PT1H"
        );

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Forbidden), run.ToString());
    }

    [TestCase("orders-db/none", "PT1H", "entitlement: the catalog has no 'orders-db/none'")]
    [TestCase("orders-db/owner", "1h", "'1h' is no duration")]
    public async Task Should_say_what_is_wrong_with_the_question(string entitlement, string duration, string fault)
    {
        var run = await TryAsync(entitlement, "--duration", duration);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.Contain(fault));
    }

    [Test]
    public async Task Should_say_that_policy_is_not_there()
    {
        var run = await CommandLine.RunAsync(
            "policy",
            "dry-run",
            "--policy",
            "http://127.0.0.1:1",
            "--principal",
            "svc-reporting",
            "--entitlement",
            "orders-db/owner",
            "--requester",
            "dana@example.com",
            "--duration",
            "PT1H"
        );

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Unreachable), run.ToString());
    }

    private Task<Run> TryAsync(string entitlement, params string[] more) =>
        CommandLine.RunAsync([
            "policy",
            "dry-run",
            "--policy",
            _world.Policy.Url,
            "--principal",
            "svc-reporting",
            "--entitlement",
            entitlement,
            "--requester",
            "dana@example.com",
            .. more,
        ]);
}
