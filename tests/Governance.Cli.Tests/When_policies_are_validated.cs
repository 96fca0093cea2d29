using Governance.Cedar;
using Governance.Cedar.Bundles;
using Governance.Cli.Tests.Running;

namespace Governance.Cli.Tests;

public sealed class When_policies_are_validated
{
    [Test]
    public async Task Should_say_what_the_bundle_is()
    {
        using var bundle = Bundle.Sample();
        using var engine = CedarEngine.Create();
        var loaded = PolicyBundle.LoadDirectory(engine, bundle.Path).Bundle!;

        var run = await CommandLine.RunAsync("policy", "validate", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Success), run.ToString());
        Assert.That(run.Lines[0], Is.EqualTo($"valid: {loaded.Digest}").And.Match("sha256:[0-9a-f]{64}$"));
        Assert.That(
            run.Lines[1],
            Is.EqualTo($"{loaded.Policies.Count} policies, {loaded.Policies.Values.Count(policy => policy.IsGate)} of them gates")
        );
        Assert.That(run.Lines, Does.Contain("gate high-risk-needs-a-dba: 1 of group:dba-oncall"));
    }

    [TestCase(
        "@id(\"a\")\npermit (principal, action, resource",
        2,
        36,
        "unexpected end of input",
        TestName = "A policy that is not finished"
    )]
    [TestCase(
        "\n\n  permit (principal, action == Governance::Action::\"approve\", resource);",
        3,
        3,
        "@id",
        TestName = "A policy without an id"
    )]
    [TestCase(
        "@id(\"a\")\npermit (principal, action == Governance::Action::\"approve\", resource)\nwhen { resource.nothing };",
        3,
        8,
        "nothing",
        TestName = "An attribute that the schema lacks"
    )]
    [TestCase(
        "@id(\"a\")\n@colour(\"red\")\npermit (principal, action == Governance::Action::\"approve\", resource);",
        1,
        1,
        "colour",
        TestName = "An unknown annotation"
    )]
    public async Task Should_name_file_line_column_policy_and_fault(string policy, int line, int column, string fault)
    {
        using var bundle = new Bundle().With("10-bad.cedar", policy);

        var run = await CommandLine.RunAsync("policy", "validate", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure), run.ToString());
        Assert.That(
            run.Lines,
            Has.Some.StartsWith($"{bundle.FileOf("10-bad.cedar")}:{line}:{column}: ").And.Contains(fault),
            run.ToString()
        );
    }

    [Test]
    public async Task Should_find_every_fault_of_every_file()
    {
        using var bundle = new Bundle()
            .With("10-a.cedar", "@id(\"same\")\npermit (principal, action == Governance::Action::\"approve\", resource);")
            .With("20-b.cedar", "\n@id(\"same\")\npermit (principal, action == Governance::Action::\"approve\", resource);")
            .With("25-d.cedar", "permit")
            .With("30-c.cedar", "@id(\"c\")\npermit (principal, action in Governance::Action::\"hold\", resource);");

        var run = await CommandLine.RunAsync("policy", "validate", bundle.Path, "--output", "json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure));
        Assert.That((bool?)run.Json["valid"], Is.False);
        Assert.That(
            run.Json["faults"]!.AsArray().Select(f => Path.GetFileName((string)f!["file"]!)).Distinct(StringComparer.Ordinal),
            Is.EquivalentTo(["20-b.cedar", "25-d.cedar", "30-c.cedar"])
        );
        Assert.That(run.Json["faults"]!.AsArray().Select(f => (string)f!["message"]!), Has.Some.Contains("10-a.cedar:1:1"));
    }

    [TestCase("text")]
    [TestCase("table")]
    [TestCase("json")]
    public async Task Should_list_policies_and_faults_in_every_form(string output)
    {
        using var good = Bundle.Sample();
        using var bad = new Bundle().With("a.cedar", "permit (principal, action, resource);");

        var valid = await CommandLine.RunAsync("policy", "validate", good.Path, "-o", output);
        var invalid = await CommandLine.RunAsync("policy", "validate", bad.Path, "-o", output);

        Assert.That(valid.Output, Does.Contain("high-risk-needs-a-dba"));
        Assert.That(invalid.Output, Does.Contain("a.cedar").And.Contains("@id"));
        Assert.That((valid.ExitCode, invalid.ExitCode), Is.EqualTo((ExitCodes.Success, ExitCodes.Failure)));
    }

    [Test]
    public async Task Should_refuse_an_empty_directory()
    {
        using var bundle = new Bundle();

        var run = await CommandLine.RunAsync("policy", "validate", bundle.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Failure));
        Assert.That(run.Output, Does.Contain("no policies"));
    }
}
