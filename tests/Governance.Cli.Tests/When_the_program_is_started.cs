using System.Net;
using System.Net.Sockets;
using Governance.Cli.Tests.Running;
using Governance.Testing;

namespace Governance.Cli.Tests;

/// <summary>The program as it was built, in a process of its own.</summary>
public sealed class When_the_program_is_started
{
    private static IEnumerable<TestCaseData> Usages()
    {
        yield return new TestCaseData(ExitCodes.Success, new[] { "policy", "validate", RepositoryRoot.File("deploy", "policies") });
        yield return new TestCaseData(ExitCodes.Success, new[] { "policy", "test", RepositoryRoot.File("deploy", "policies") });
        yield return new TestCaseData(ExitCodes.Failure, new[] { "policy", "validate", RepositoryRoot.File("deploy", "catalog") });
        yield return new TestCaseData(ExitCodes.Usage, new[] { "policy", "test", RepositoryRoot.File("deploy", "catalog") });
        yield return new TestCaseData(ExitCodes.Usage, new[] { "policy", "validate", "/no/such/directory" });
        yield return new TestCaseData(ExitCodes.Usage, new[] { "policy", "valdate", "." });
        yield return new TestCaseData(ExitCodes.Usage, new[] { "policy", "replay", "--lifecycle", "here" });
        yield return new TestCaseData(ExitCodes.Unreachable, new[] { "policy", "replay", "--lifecycle", "http://127.0.0.1:1" });
        yield return new TestCaseData(ExitCodes.Unreachable, new[] { "grants", "list", "--lifecycle", "http://127.0.0.1:1" });
        yield return new TestCaseData(ExitCodes.Usage, new[] { "revoke", "--reason", "stolen" });
        yield return new TestCaseData(ExitCodes.Unreachable, new[] { "slo", "--lifecycle", "http://127.0.0.1:1" });
    }

    [TestCaseSource(nameof(Usages))]
    public async Task Should_end_with_the_documented_code(int code, string[] args)
    {
        var run = await CommandLine.StartAsync(args);

        Assert.That(run.ExitCode, Is.EqualTo(code), run.ToString());
        Assert.That(code is ExitCodes.Usage or ExitCodes.Unreachable ? run.Error : run.Output, Is.Not.Empty);
    }

    [TestCase("policy", "validate")]
    [TestCase("policy", "test")]
    [TestCase("policy", "replay")]
    [TestCase("policy", "simulate")]
    [TestCase("policy", "dry-run")]
    [TestCase("grants", "list")]
    [TestCase("grants", "show")]
    [TestCase("revoke")]
    [TestCase("slo")]
    public async Task Should_document_its_codes(params string[] command)
    {
        var run = await CommandLine.RunAsync([.. command, "--help"]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success));
        Assert.That(run.Output, Does.Contain("Exit codes: 0 ").Or.Contain("Exit codes: 0, ").And.Contain("2 wrong usage"));
    }

    [TestCase("'nope' is no grant's id", "grants", "retry", "nope")]
    [TestCase("'nope' is no grant's id", "grants", "show", "nope")]
    [TestCase("'nope' is no grant's id", "grants", "texts", "nope")]
    [TestCase("say either a grant's ID or --target", "grants", "retry")]
    [TestCase("--output: 'xml' is not text, table or json", "grants", "list", "--output", "xml")]
    [TestCase("--limit: 'many' is not how many", "grants", "list", "--limit", "many")]
    [TestCase("--limit: '-1' is not how many", "grants", "list", "--limit", "-1")]
    [TestCase("--grant: 'nope' is not an id such as", "policy", "replay", "--grant", "nope")]
    [TestCase("--since: 'nope' is not a whole number", "policy", "replay", "--since", "nope")]
    [TestCase("--confirm: 'many' is not a whole number", "revoke", "--principal", "svc-reporting", "--confirm", "many")]
    [TestCase(
        "--ticket-state says something of a ticket: name it with --ticket",
        "policy",
        "dry-run",
        "--principal",
        "svc-reporting",
        "--entitlement",
        "orders-db/readonly",
        "--requester",
        "dana@example.com",
        "--duration",
        "PT1H",
        "--ticket-state",
        "approved"
    )]
    public async Task Should_say_what_is_wrong_with_a_value_and_name_no_type(string words, params string[] args)
    {
        var run = await CommandLine.RunAsync(args);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCodes.Usage, "")), run.ToString());
        Assert.That(run.Error, Does.Contain(words).And.Not.Contain("Governance.").And.Not.Contain("System.").And.Not.Contain("   at "));
    }

    [Test]
    public void Should_write_out_what_a_terminal_would_obey() =>
        Assert.That(
            Shown.Whole("for \u202Eevil\u202C, \u001b[2Jgone; 👩\u200D💻 déjà\u00A0vu\n"),
            Is.EqualTo("for <U+202E>evil<U+202C>, <U+001B>[2Jgone; 👩\u200D💻 déjà\u00A0vu\n")
        );

    [TestCase("INT", ExitCodes.Interrupted)]
    [TestCase("TERM", ExitCodes.Terminated)]
    public async Task Should_end_with_one_line_when_it_is_stopped(string signal, int code)
    {
        // A service that takes the question and never answers.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var run = await CommandLine.StopAsync(
            signal,
            async _ => (await silent.AcceptSocketAsync()).NoDelay = true,
            "grants",
            "list",
            "--lifecycle",
            $"http://{silent.LocalEndpoint}"
        );

        Assert.That((run.ExitCode, run.Output, run.Error), Is.EqualTo((code, "", "governance: interrupted.\n")));
    }

    [Test]
    public async Task Should_take_a_value_that_begins_with_at_as_it_is()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "first\nsecond\n");

        var run = await CommandLine.RunAsync("policy", "validate", "@" + file);
        File.Delete(file);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.StartWith($"@{file}: no such directory.").And.Not.Contain("second"));
    }

    [Test]
    public async Task Should_say_that_a_file_is_no_directory()
    {
        var file = Path.GetTempFileName();
        var catalog = await CommandLine.RunAsync("catalog", "validate", file);
        var policy = await CommandLine.RunAsync("policy", "validate", file);
        File.Delete(file);

        Assert.That((catalog.ExitCode, policy.ExitCode), Is.EqualTo((ExitCodes.Usage, ExitCodes.Usage)), catalog.ToString());
        Assert.That((catalog.Error, policy.Error), Is.EqualTo((Told(file), Told(file))));

        static string Told(string file) => $"{file}: is a file, and a directory is wanted.\nAdd --help to see how the command is used.\n";
    }

    [TestCase("--not-before")]
    [TestCase("--window-end")]
    public async Task Should_name_the_option_whose_value_is_no_time(string option)
    {
        var run = await CommandLine.RunAsync([
            "policy",
            "dry-run",
            "--principal",
            "a",
            "--entitlement",
            "b",
            "--requester",
            "c",
            "--duration",
            "PT1H",
            option,
            "tomorrow",
        ]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.Contain($"{option}: 'tomorrow' is no time such as 2026-11-23T12:00:00Z."));
    }

    [TestCase("--as", "kim\n@example.com", "incident-9", "U+000A")]
    [TestCase("--as", " kim@example.com", "incident-9", "spaces around it")]
    [TestCase("--key", "kim@example.com", "incident\t9", "U+0009")]
    public async Task Should_name_what_no_header_can_carry(string option, string actor, string key, string fault)
    {
        string[] args =
        [
            "revoke",
            "--principal",
            "svc-reporting",
            "--reason",
            "stolen",
            "--confirm",
            "1",
            "--lifecycle",
            "http://127.0.0.1:1",
        ];

        var run = await CommandLine.RunAsync([.. args, "--as", actor, "--key", key]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage), run.ToString());
        Assert.That(run.Error, Does.StartWith($"governance: {option}: ").And.Contain(fault));
    }
}
